#!/bin/sh
# Instructions a message by callgrind: the difference of a run of three rounds and one of one, divided by the messages of two.
# Without names every program of every job; `instructions.sh "decode order, tuned"` only that.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
command -v valgrind >/dev/null || { echo "instructions: there is no valgrind here" >&2; exit 2; }
# A tenth of the messages: callgrind is fifty times slower.
few=$here/target/few
rm -rf "$few" && mkdir -p "$few/pain001"
head -200 "$data/orders.jsonl" >"$few/orders.jsonl"
for file in "$data"/pain001/0[01]?.xml; do cp "$file" "$few/pain001/"; done
"$generate" replies --replies 500 --charset cp1047 >"$few/replies.dat"
files=$(find "$few/pain001" -type f | wc -l)

instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$few/$3.callgrind" "$program" "$few" "$1" "$2" 2>&1 | sed -n 's/.*Collected : //p'
}
[ $# -gt 0 ] || set -- "order to pacs.008, engine" "order to pacs.008, ordinary" "pain.001 to batch, engine" "pain.001 to batch, ordinary" \
    "reply to pacs.002, engine" "reply to pacs.002, ordinary" "reply to SOAP, engine" "reply to SOAP, ordinary" \
    "decode order, engine" "decode order, ordinary" "decode order, tuned" \
    "decode pacs.008, engine" "decode pacs.008, ordinary" "decode pacs.008, tuned" "encode pacs.008, engine" "encode pacs.008, ordinary" \
    "decode record, engine" "decode record, ordinary" "decode record, tuned" \
    "encode record, engine" "encode record, ordinary" "encode record, tuned"
for name in "$@"; do
    case $name in pain*) count=$files ;; *record* | reply*) count=500 ;; *) count=200 ;; esac
    once=$(instructions "$name" 1 once)
    thrice=$(instructions "$name" 3 thrice)
    echo "$name: $(((thrice - once) / 2 / count)) instructions a message"
done
