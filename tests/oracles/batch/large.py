#!/usr/bin/env python3
"""A customer file of very many transactions: little memory, and trailers that add up."""

import pathlib
import re
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import meaning

EXAMPLES = meaning.beside("LATIMER_EXAMPLES", "examples")
XSD = meaning.beside("LATIMER_VECTORS", "vectors") / "iso20022" / "xsd"


def main():
    work, totals, transactions = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    mapping = meaning.find("pain001-to-corebatch.map", meaning.ROOT / "mappings", EXAMPLES)
    source = work / "large.xml"
    with source.open("wb") as out:
        subprocess.run([meaning.GENERATE, "pain001", "--transactions", str(transactions)], stdout=out, check=True)
    verdict = meaning.Verdict("batch, large")
    run = meaning.measured("translate", mapping, "--schemas", XSD, source, "-o", f"{work}/large/", "--now", "2026-03-02T12:00:00+01:00")
    verdict.same("exit code", 0, run.code)
    # What the file adds up to, by its text alone.
    sums = {}
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            found = re.search(r'<InstdAmt Ccy="(\w+)">([0-9.]+)</InstdAmt>.*<CdtrAcct><Id><IBAN>(\w+)</IBAN>', line)
            if found:
                count, amount, mark = sums.get(found[1], (0, Decimal(0), 0))
                digits = int(re.sub("[^0-9]", "0", found[3][-10:]))
                sums[found[1]] = (count + 1, amount + Decimal(found[2]), mark + digits)
    verdict.same("transactions in the file", transactions, sum(it[0] for it in sums.values()))
    files = sorted((work / "large").glob("*.dat"))
    verdict.same("files", sorted(sums), [it.stem.rsplit("-", 1)[1] for it in files])
    for path in files:
        currency = path.stem.rsplit("-", 1)[1]
        count, amount, mark = sums[currency]
        three = [f"{amount:018.2f}", f"{mark % 10**12:012}"]
        said = subprocess.run([totals, path], stdout=subprocess.PIPE).stdout.decode("latin-1").split()
        verdict.same(f"{currency}: what COBOL adds up", [f"{count + 2:09}", f"{count:09}", *three, f"{count:07}", *three, currency], said)
    verdict.same("peak memory below 64 MB", True, run.peak_mb < 64)
    size = source.stat().st_size
    verdict.close(f"{transactions} transactions in {size / 1e6:.0f} MB, {run.said(size)}")


main()
