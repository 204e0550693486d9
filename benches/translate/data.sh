#!/bin/sh
# Makes the messages that are measured, once, and says where what reads them is; by itself or within another script.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export LATIMER_EXAMPLES="${LATIMER_EXAMPLES:-$root/../shared/examples}"
export LATIMER_SCHEMAS="${LATIMER_SCHEMAS:-$root/schemas}"
export LATIMER_XSD="${LATIMER_XSD:-${LATIMER_VECTORS:-$root/../shared/vectors}/iso20022/xsd}"
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p latimer-generate
generate=$root/target/release/latimer-generate
data=$here/target/data
if [ ! -f "$data/replies.dat" ]; then
    mkdir -p "$data/pain001"
    "$generate" order --orders 2000 --transfers 2 >"$data/orders.jsonl"
    seed=1
    while [ $seed -le 200 ]; do
        "$generate" pain001 --transactions 20 --seed $seed >"$data/pain001/$(printf %03d $seed).xml"
        seed=$((seed + 1))
    done
    # What has something unusual, for the tests.
    mkdir -p "$data/unusual/pain001"
    "$generate" order --variety --orders 3000 --transfers 3 >"$data/unusual/orders.jsonl"
    seed=1
    while [ $seed -le 600 ]; do
        "$generate" pain001 --variety --transactions $((1 + seed % 3)) --seed $seed >"$data/unusual/pain001/$(printf %03d $seed).xml"
        seed=$((seed + 1))
    done
    # The last: when it is there, all are.
    "$generate" replies --replies 5000 --charset cp1047 >"$data/replies.dat"
fi
