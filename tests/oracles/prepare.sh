# What the oracles that run the program begin with: a folder to work in, the program, and where the examples are.
root=$(cd "$here/../../.." && pwd)
name=$(basename "$here")
for tool in python3 xmllint; do
    command -v $tool >/dev/null || { echo "$name: there is no $tool here, nothing was compared" >&2; exit 2; }
done
[ -x "$root/target/release/latimer" ] || cargo build --quiet --release --manifest-path "$root/Cargo.toml"
[ -x "$root/target/release/latimer-generate" ] || cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p latimer-generate
examples=${LATIMER_EXAMPLES:-$root/../shared/examples}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
