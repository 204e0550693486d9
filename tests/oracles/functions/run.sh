#!/bin/sh
# The functions of the mapping language against other programs that know the same rules.
# Needs cargo and Python 3.9 with python-stdnum (and schwifty, for national check digits; left out without it):
#   pip install python-stdnum schwifty
# Prints a line a function; exits non-zero where a value differs. COUNT is how many values a function gets [2000].
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python3 -c 'import stdnum' 2>/dev/null || { echo "functions: there is no python-stdnum here, nothing was compared" >&2; exit 2; }
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p latimer-engine --example evaluate
exec python3 "$here/compare.py" "${CARGO_TARGET_DIR:-$root/target}/release/examples/evaluate"
