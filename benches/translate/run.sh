#!/bin/sh
# Makes the messages and measures all programs by turns; prints the table that benches/README.md has.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
cargo build --quiet --release --manifest-path "$here/Cargo.toml"
"$here/target/release/translate" "$data"
