#!/bin/sh
# Replies of the core to status reports and back, and to SOAP: expect.py works out what each must become, a COBOL program
# with the core's copybook writes the records and reads those that come back.
# Needs python3, xmllint, iconv, cobc, and target/release/latimer and latimer-generate.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../prepare.sh"
command -v cobc >/dev/null || { echo "replies: there is no cobc here, nothing was compared" >&2; exit 2; }
copybook=$root/schemas/copybook
cobc -x -std=ibm -I "$copybook" -o "$work/records" "$here/RECORDS.cob"
python3 "$here/expect.py" "$work" "$work/records"
