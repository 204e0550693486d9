#!/bin/sh
# Instructions a message by callgrind: the difference of a run of three rounds and one of one, divided by the messages of two.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
command -v valgrind >/dev/null || { echo "instructions: there is no valgrind here" >&2; exit 2; }
# A tenth of the messages: callgrind is fifty times slower.
few=$here/target/few
rm -rf "$few" && mkdir -p "$few/pain001"
head -200 "$data/orders.jsonl" >"$few/orders.jsonl"
for file in "$data"/pain001/0[01]?.xml; do cp "$file" "$few/pain001/"; done
orders=$(wc -l <"$few/orders.jsonl")
files=$(find "$few/pain001" -type f | wc -l)

instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$few/$3.callgrind" "$program" "$few" "$1" "$2" 2>&1 | sed -n 's/.*Collected : //p'
}
for name in "order to pacs.008, engine" "order to pacs.008, ordinary" "pain.001 to batch, engine" "pain.001 to batch, ordinary"; do
    case $name in order*) count=$orders ;; *) count=$files ;; esac
    once=$(instructions "$name" 1 once)
    thrice=$(instructions "$name" 3 thrice)
    echo "$name: $(((thrice - once) / 2 / count)) instructions a message"
done
