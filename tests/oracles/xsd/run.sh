#!/bin/sh
# Verdicts of xmllint and of `latimer validate`, over messages of others and mutants of them.
# Needs xmllint (package libxml2-utils), GNU sed, cargo, and the vectors; prints a line a schema; exits non-zero where a
# verdict differs for a reason that README.md does not name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
command -v xmllint >/dev/null || { echo "xsd: there is no xmllint here, nothing was compared" >&2; exit 2; }

failed=0
# Our own schemas, parts included, are schemas to others.
for schema in "$root"/schemas/iso20022/*.xsd "$root"/schemas/soap/*.xsd; do
    code=0
    echo '<nothing/>' | xmllint --noout --nonet --schema "$schema" - 2>said || code=$?
    # 3: the document is not valid, so the schema was read.
    [ $code = 3 ] || { echo "xsd: ${schema#"$root"/}: xmllint does not take it" >&2; cat said >&2; failed=1; }
done
rm -f said
echo "xsd: xmllint reads the schemas of schemas/iso20022 and schemas/soap"

vectors=${LATIMER_VECTORS:-}
above=$root
while [ -z "$vectors" ] && [ "$above" != / ]; do
    [ -d "$above/shared/vectors" ] && vectors=$above/shared/vectors
    above=$(dirname "$above")
done
[ -d "$vectors/iso20022" ] || { echo "xsd: no folder shared/vectors/iso20022: no verdict was compared" >&2; exit $failed; }
vectors=$(cd "$vectors/iso20022" && pwd)

cargo build --quiet --release --manifest-path "$root/Cargo.toml" --bin latimer
latimer="${CARGO_TARGET_DIR:-$root/target}/release/latimer"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
tar -xzf "$vectors/mutants/mutants.tar.gz"

# Which message each file is: `MESSAGE<TAB>PATH`.
{
    awk -F'\t' -v OFS='\t' 'NR > 1 { sub(/\.xsd$/, "", $2); print $2, $1 }' "$vectors/mutants/verdicts.tsv"
    awk -F' *[|] *' -v OFS='\t' -v folder="$vectors/samples" \
        '/^## / { kind = $1; gsub(/^## | .*$/, "", kind) }
         /^\| / && (kind == "valid" || kind == "invalid") { print $3, folder "/" kind "/" $2 }' "$vectors/samples/MANIFEST.md"
} >all

# The valid ones of the listed files, by each program.
by_xmllint() { xargs -d '\n' xmllint --noout --nonet --huge --schema "$1" <"$2" 2>&1 | sed -n 's/ validates$//p' | sort; }
by_latimer() { xargs -d '\n' "$latimer" validate --format iso20022 --schema "$1" <"$2" | sed -n 's/: valid$//p' | sort; }

# Why xmllint alone calls a message invalid; empty if we do not know.
why() {
    # Blanks around dates and times: without them, and with nothing else changed, it is valid to xmllint as well.
    sed -Ez 's/>[ \t\r\n]+(-?[0-9]{4}-[0-9]{2}-[0-9]{2}[^<]*)</>\1</g; s/>(-?[0-9]{4}-[0-9]{2}-[0-9]{2}[^< \t\r\n]*)[ \t\r\n]+</>\1</g' \
        "$2" >without.xml
    cmp -s "$2" without.xml || { xmllint --noout --nonet --schema "$1" without.xml 2>/dev/null && echo blanks; } || true
}

# Message, schema, what to call it.
compare() {
    awk -F'\t' -v message="$1" '$1 == message { print $2 }' all | sort >files
    by_xmllint "$2" files >theirs
    by_latimer "$2" files >ours
    comm -13 theirs ours >more
    comm -23 theirs ours >fewer
    blanks=0
    while read -r file; do
        if [ "$(why "$2" "$file")" = blanks ]; then
            blanks=$((blanks + 1))
        else
            echo "xsd: $3: $file is valid to us only" >&2; failed=1
        fi
    done <more
    while read -r file; do
        echo "xsd: $3: $file is valid to xmllint only" >&2; failed=1
    done <fewer
    echo "xsd: $3: $(wc -l <files) messages, $(wc -l <ours) valid; xmllint refuses $blanks of these for blanks around dates"
}

for schema in "$root"/schemas/iso20022/*.[0-9][0-9][0-9].*.xsd; do
    message=$(basename "$schema" .xsd)
    compare "$message" "$schema" "schemas/iso20022/$message.xsd"
done
for message in $(cut -f1 all | sort -u); do
    [ -f "$vectors/xsd/$message.xsd" ] && compare "$message" "$vectors/xsd/$message.xsd" "official $message.xsd"
done
exit $failed
