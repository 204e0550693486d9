#!/usr/bin/env python3
"""One order of very many transfers: little memory, and a header that adds up."""

import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import meaning

EXAMPLES = meaning.beside("LATIMER_EXAMPLES", "examples")
XSD = meaning.beside("LATIMER_VECTORS", "vectors") / "iso20022" / "xsd"


def main():
    work, transfers = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    mapping = meaning.find("acme-to-pacs008.map", meaning.ROOT / "mappings", EXAMPLES)
    schema = meaning.find("acme-transfer.schema.json", mapping.parent, meaning.ROOT / "schemas", EXAMPLES)
    text, count = re.subn(r'"maxItems" *: *500\b', f'"maxItems":{transfers}', schema.read_text("utf-8"))
    assert count == 1, "maxItems stands once in the schema"
    (work / "large").mkdir()
    (work / "large" / "acme-transfer.schema.json").write_text(text, "utf-8")
    directory = meaning.find("bic-directory.csv", mapping.parent, EXAMPLES)
    copied = mapping.read_text("utf-8").replace('"tables/bic-directory.csv"', f'"{directory}"')
    (work / "large" / mapping.name).write_text(copied, "utf-8")
    order = work / "large" / "order.json"
    with order.open("wb") as out:
        subprocess.run([meaning.GENERATE, "order", "--transfers", str(transfers)], stdout=out, check=True)
    verdict = meaning.Verdict("orders, large")
    run = meaning.measured("translate", work / "large" / mapping.name, "--schemas", XSD, order, "-o", work / "large.xml", "--now", "2026-03-02T12:00:00+01:00")
    verdict.same("exit code", 0, run.code)
    # What the order adds up to, by its text alone.
    total, read, tail = Decimal(0), 0, ""
    with order.open(encoding="utf-8") as source:
        while block := source.read(1 << 20):
            tail += block
            for found in re.finditer(r'"amount":\{"value":"([0-9.]+)"', tail):
                total, read = total + Decimal(found[1]), read + 1
                last = found.end()
            tail = tail[last:]
    verdict.same("transfers in the order", transfers, read)
    head, written, paid = {}, 0, Decimal(0)
    for _, element in xml.iterparse(work / "large.xml"):
        name = element.tag.rsplit("}", 1)[1]
        if name in ("NbOfTxs", "TtlIntrBkSttlmAmt"):
            head[name] = Decimal(element.text)
        elif name == "IntrBkSttlmAmt":
            paid += Decimal(element.text)
        elif name == "CdtTrfTxInf":
            written += 1
            element.clear()
    verdict.same("transfers written", transfers, written)
    verdict.same("their sum", total, paid)
    verdict.same("NbOfTxs", transfers, head["NbOfTxs"])
    verdict.same("TtlIntrBkSttlmAmt", total, head["TtlIntrBkSttlmAmt"])
    valid = subprocess.run(["xmllint", "--stream", "--huge", "--noout", "--schema", XSD / "pacs.008.001.08.xsd", work / "large.xml"], stderr=subprocess.PIPE)
    verdict.same("xmllint", 0, valid.returncode)
    verdict.same("peak memory below 64 MB", True, run.peak_mb < 64)
    size = order.stat().st_size
    verdict.close(f"{transfers} transfers in {size / 1e6:.0f} MB, {run.said(size)}")


main()
