"""Compares documents by xmllint's canonical form, without what the plain form says it does not keep."""

import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as tree

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)$")


def words(text):
    """A text; white space between elements, and the spelling of numbers and booleans, are not kept."""
    text = (text or "").strip()
    if NUMBER.match(text):
        sign = "-" if text.startswith("-") else ""
        whole, _, fraction = text.lstrip("+-").partition(".")
        whole = whole.lstrip("0") or "0"
        return sign + whole + ("." + fraction if fraction else "")
    return " ".join(text.split())


def meaning(document):
    """Names with namespaces, attributes, texts: prefixes, comments and instructions are not kept."""
    canonical = subprocess.run(["xmllint", "--nonet", "--c14n", "-"], input=document, capture_output=True, check=True).stdout
    found = []
    for element in tree.fromstring(canonical).iter():
        own = {name: words(value) for name, value in element.attrib.items() if not name.endswith("}schemaLocation")}
        found.append((element.tag, sorted(own.items()), words(element.text), words(element.tail)))
    return found


def main(binary, vectors):
    vectors = pathlib.Path(vectors)
    compared = differ = without = 0
    for sample in sorted((vectors / "samples" / "valid").iterdir()):
        document = sample.read_bytes()
        message = re.search(rb"urn:iso:std:iso:20022:tech:xsd:([a-z0-9.]+)", document)
        schema = message and vectors / "xsd" / (message[1].decode() + ".xsd")
        if not schema or not schema.is_file():
            without += 1
            continue
        named = ["--format", "iso20022", "--schema", str(schema), "--quiet"]
        plain = subprocess.run([binary, "decode", *named, str(sample)], capture_output=True)
        again = subprocess.run([binary, "encode", *named], input=plain.stdout, capture_output=True)
        compared += 1
        if plain.returncode or again.returncode or meaning(document) != meaning(again.stdout):
            differ += 1
            print(f"plain: {sample.name} differs {(plain.stderr + again.stderr).decode()}", file=sys.stderr)
    print(f"plain: {compared} samples decoded and encoded, {differ} differ, {without} without an official schema")
    return 1 if differ or not compared else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
