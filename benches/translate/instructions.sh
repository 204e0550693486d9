#!/bin/sh
# Instructions a message by callgrind: the difference of a run of three rounds and one of one, divided by the messages of two.
# Without names every program of every job; `instructions.sh "decode order, tuned"` only that.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
cargo build --quiet --release --manifest-path "$here/Cargo.toml"
program=$here/target/release/translate
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
if [ $# -eq 0 ]; then
    for job in "order to pacs.008" "pain.001 to batch" "reply to pacs.002" "reply to SOAP" "decode order" \
        "decode pacs.008" "encode pacs.008" "decode SOAP" "encode SOAP" "decode record" "encode record"; do
        set -- "$@" "$job, engine" "$job, ordinary" "$job, tuned"
    done
fi
for name in "$@"; do
    case $name in pain*) count=$files ;; *record* | *SOAP* | reply*) count=500 ;; *) count=200 ;; esac
    once=$(instructions "$name" 1 once)
    thrice=$(instructions "$name" 3 thrice)
    echo "$name: $(((thrice - once) / 2 / count)) instructions a message"
done
