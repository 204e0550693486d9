#!/bin/sh
# Makes the messages and measures both programs; prints the table that benches/README.md has.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
"$program" "$data"
