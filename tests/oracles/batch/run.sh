#!/bin/sh
# Customer files become the core's batch files: expect.py works out the bytes, a COBOL program with the same copybook adds up.
# Needs python3, xmllint, iconv, cobc, and target/release/latimer and latimer-generate; LATIMER_LARGE=1 adds a file of a
# million transactions.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../prepare.sh"
command -v cobc >/dev/null || { echo "batch: there is no cobc here, nothing was compared" >&2; exit 2; }
copybook=$(dirname "$(find "$root/mappings" "$root/schemas" "$examples" -name corebatch.cpy | head -1)")
cobc -x -std=ibm -fbinary-truncate -fassign-clause=dynamic -fno-filename-mapping -I "$copybook" -o "$work/totals" "$here/TOTALS.cob"
python3 "$here/expect.py" "$work" "$work/totals"
if [ "${LATIMER_LARGE:-0}" = 1 ]; then
    python3 "$here/large.py" "$work" "$work/totals" "${LATIMER_TRANSACTIONS:-1000000}"
fi
