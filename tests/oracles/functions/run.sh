#!/bin/sh
# The functions of the mapping language against other programs that know the same rules.
# Needs cargo and Python 3.9 with python-stdnum (and schwifty, for national check digits; left out without it):
#   pip install python-stdnum schwifty
# Prints a line a function; exits non-zero where a value differs. COUNT is how many values a function gets [2000],
# SEED another set of them, ONLY a family: texts numbers currencies dates identifiers accounts garbage.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python3 -c 'import stdnum' 2>/dev/null || { echo "functions: there is no python-stdnum here, nothing was compared" >&2; exit 2; }
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p latimer-engine --example evaluate
evaluate="${CARGO_TARGET_DIR:-$root/target}/release/examples/evaluate"
# After warm-up no function allocates: the examples of the manual, worked out three times and two hundred times more.
if command -v valgrind >/dev/null; then
    allocations() { valgrind "$evaluate" examples "$1" 2>&1 >/dev/null | sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p'; }
    few=$(allocations 3)
    many=$(allocations 203)
    echo "allocations: $few for 3 times every example, $many for 203 times"
    [ "$few" = "$many" ] || { echo "functions: something allocates while messages run" >&2; exit 1; }
else
    echo "functions: there is no valgrind here, allocations were not counted" >&2
fi
exec python3 "$here/compare.py" "$evaluate"
