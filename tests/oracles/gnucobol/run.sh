#!/bin/sh
# Records that a COBOL compiler wrote, read by us, and records that we wrote, read by the compiler's program.
# Needs cobc (GnuCOBOL 3, package gnucobol3) and cargo; prints a line a comparison; exits non-zero where one fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
command -v cobc >/dev/null || { echo "gnucobol: there is no cobc here, nothing was compared" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for program in WRITER READER; do
    # Digits with their sign as EBCDIC has them, and as ASCII has them.
    for sign in EBCDIC ASCII; do
        cobc -x -std=ibm -fbinary-truncate -fodoslide -fsign=$sign -fno-filename-mapping -I "$here" \
            -o $program.$sign "$here/$program.cob" "$here/bytes.c"
    done
done
cargo build --quiet --manifest-path "$root/Cargo.toml" -p latimer-copybook --example records
records="${CARGO_TARGET_DIR:-$root/target}/debug/examples/records"

# Values as numbers are compared, not as they are printed: no blanks around, no zeros that say nothing.
plain() {
    awk -F= '{
        name = $1; value = substr($0, length(name) + 2)
        gsub(/^ +| +$/, "", value)
        if (value ~ /^-?[0-9]+(\.[0-9]+)?$/) {
            if (value ~ /\./) { sub(/0+$/, "", value); sub(/\.$/, "", value) }
            sign = sub(/^-/, "", value) ? "-" : ""; sub(/^0+/, "", value)
            if (value == "" || value ~ /^\./) value = "0" value
            value = (value == "0" ? "" : sign) value
        }
        print name "=" value
    }' | awk -F= '/^---/ { close("sort"); print; next } { print | "sort" }' -
}

failed=0
same() {
    if diff "$2" "$3" >difference; then
        echo "gnucobol: $1: $(grep -c = "$2") values are the same"
    else
        echo "gnucobol: $1: they differ" >&2; head -20 difference >&2; failed=1
    fi
}

# Kind, copybook, signs, options.
compare() {
    kind=$1 copybook=$2 sign=$3; shift 3
    ./WRITER.$sign "$kind" >written
    plain <written >expected
    "$records" decode "$here/$copybook" records.bin "$@" | plain >found
    same "$kind $sign: what COBOL wrote, we read" expected found
    cp records.bin original.bin
    # The date is given by its parts: the other view of the same bytes.
    grep -v '^A-DATE=' written | "$records" encode "$here/$copybook" records.bin "$@"
    # COBOL keeps the sign of -0.01 where it cuts it to 0; we write zero with a plus: p 0, } {, - + in ASCII, the same
    # three in EBCDIC, and packed 0D 0C.
    if [ "$(wc -c <original.bin)" != "$(wc -c <records.bin)" ]; then
        echo "gnucobol: $kind $sign: the lengths differ" >&2; failed=1
    elif cmp -l original.bin records.bin | awk '{ print $2, $3 }' | sort -u |
        grep -vxE '160 60|175 173|55 53|320 300|140 116|15 14' >difference; then
        echo "gnucobol: $kind $sign: these bytes differ:" >&2; cat difference >&2; failed=1
    else
        echo "gnucobol: $kind $sign: what we wrote is byte for byte what COBOL wrote, but for the sign of zeros"
    fi
    ./READER.$sign "$kind" | plain >found
    same "$kind $sign: what we wrote, COBOL reads" expected found
}

compare FIXED FIXED.cpy ASCII charset=ascii sign=ascii
compare FIXED FIXED.cpy EBCDIC charset=ascii
compare EBCDIC FIXED.cpy EBCDIC charset=cp037
compare NATIVE NATIVE.cpy EBCDIC charset=ascii binary=little float=ieee
compare TABLES TABLES.cpy ASCII charset=ascii sign=ascii
compare TABLES TABLES.cpy EBCDIC charset=ascii
exit $failed
