#!/bin/sh
# Valid samples of ISO 20022 through `latimer decode` and `latimer encode`: the same document by canonical XML, but for what
# the plain form does not keep.
# Needs xmllint (package libxml2-utils), Python 3, the program, and the vectors; exits non-zero where one differs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
command -v xmllint >/dev/null || { echo "plain: there is no xmllint here, nothing was compared" >&2; exit 2; }
vectors=${LATIMER_VECTORS:-}
above=$root
while [ -z "$vectors" ] && [ "$above" != / ]; do
    [ -d "$above/shared/vectors" ] && vectors=$above/shared/vectors
    above=$(dirname "$above")
done
[ -n "$vectors" ] || { echo "plain: there are no vectors here, nothing was compared" >&2; exit 2; }
exec python3 "$here/compare.py" "${LATIMER_BINARY:-$root/target/release/latimer}" "$vectors/iso20022"
