#!/bin/sh
# SOAP messages that zeep (a client for Python) wrote, read by us, and messages that we wrote, read by zeep.
# Needs python3 with venv and cargo, and installs zeep into a folder that goes away; prints a line a comparison; exits
# non-zero where one fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
command -v python3 >/dev/null || { echo "soap: there is no python3 here, nothing was compared" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'zeep>=4.2,<5' ||
    { echo "soap: zeep cannot be installed, nothing was compared" >&2; exit 2; }
cargo build --quiet --manifest-path "$root/Cargo.toml" -p latimer
"$work/venv/bin/python" "$here/compare.py" "${CARGO_TARGET_DIR:-$root/target}/debug/latimer" "$here" "$work"
