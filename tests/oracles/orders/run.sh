#!/bin/sh
# A partner's orders become pacs.008: what each must become is worked out by expect.py, the official XSD judges each output.
# Needs python3, xmllint, and target/release/latimer and latimer-generate; LATIMER_LARGE=1 adds an order of 500,000 transfers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../prepare.sh"
python3 "$here/expect.py" "$work" "${LATIMER_ORDERS:-400}"
if [ "${LATIMER_LARGE:-0}" = 1 ]; then
    python3 "$here/large.py" "$work" "${LATIMER_TRANSFERS:-500000}"
fi
