#!/usr/bin/env python3
"""Customer files to the core's batch files: the records each must become, byte for byte, and what it became."""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as xml
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import meaning
from meaning import bic, cut, epc

EXAMPLES = meaning.beside("LATIMER_EXAMPLES", "examples")
VECTORS = meaning.beside("LATIMER_VECTORS", "vectors")
MAPPING = meaning.find("pain001-to-corebatch.map", meaning.ROOT / "mappings", EXAMPLES)
XSD = VECTORS / "iso20022" / "xsd"
TEXT = MAPPING.read_text("utf-8")
ZONE = ZoneInfo("Europe/Berlin")
NOW = "2026-03-02T23:30:00Z"
LENGTH = 300


def line(start):
    return meaning.line_of(TEXT, start)


LINES = {name: line(name + " ") for name in (
    "DTL-DEBIT-IBAN", "DTL-CREDIT-IBAN", "DTL-CREDIT-BIC", "DTL-AMOUNT", "DTL-VALUE-DATE", "DTL-CREDIT-NAME", "DTL-E2E-ID",
    "HDR-SENDER-REF",
)}
LINES |= {"where": line("write core/TXN-DTL"), "count": line("verify pain/GrpHdr/NbOfTxs"), "sum": line("verify pain/GrpHdr/CtrlSum")}
CHARGES = {"SHAR": "S", "DEBT": "P", "CRED": "B", "SLEV": "S"}


# ---- bytes ------------------------------------------------------------------------------------------------------------

def ibm1047():
    """The one of the five code pages that Python has not, from iconv."""
    done = subprocess.run(["iconv", "-f", "IBM1047", "-t", "UTF-8"], input=bytes(range(256)), stdout=subprocess.PIPE, check=True)
    return {character: byte for byte, character in enumerate(done.stdout.decode("utf-8"))}


def encoder(page):
    if page == "cp1047":
        table = ibm1047()
        return lambda text: bytes(table[it] for it in text)
    return lambda text: text.encode(page)


def packed(value, digits):
    """COMP-3 with two decimals, a sign that is C."""
    return bytes.fromhex(f"{int(value.scaleb(2)):0{digits}d}C")


class Page:
    def __init__(self, page):
        self.encode = encoder(page)

    def text(self, text, width):
        return self.encode(text.ljust(width))

    def digits(self, number, width):
        return self.encode(str(number).zfill(width))


# ---- the mapping's meaning --------------------------------------------------------------------------------------------

class Element:
    """An element by the local names of its children; numbers and dates without the blanks around them."""

    def __init__(self, element):
        self.element = element

    def all(self, path):
        found = [self.element]
        for name in path.split("/"):
            found = [child for it in found for child in it if isinstance(child.tag, str) and child.tag.rsplit("}", 1)[1] == name]
        return [Element(it) for it in found]

    def one(self, path):
        return next(iter(self.all(path)), None)

    def text(self, path):
        it = self.one(path)
        return None if it is None else it.element.text or ""

    def token(self, path):
        it = self.text(path)
        return None if it is None else it.strip(" \t\r\n")


def exact(text):
    """`| exact` for PIC S9(11)V99: None where a digit would be lost."""
    value = Decimal(text)
    kept = value.quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    return kept if kept == value and kept < Decimal(10) ** 11 else None


def value_date(group):
    """`Dt else DtTm | date-part | digits "YYYYMMDD"`; None where the picture has no room for the date."""
    text = group.token("ReqdExctnDt/Dt")
    if text is None:
        text = group.token("ReqdExctnDt/DtTm")
        zoned = re.fullmatch(r"(-?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", text)
        year, month, day, hour, minute, second = (int(it) for it in zoned.groups()[:6])
        if not 1 <= year <= 9998:
            return None
        moment = datetime(year, month, day) + timedelta(hours=hour, minutes=minute, seconds=second)
        if zoned[8]:
            sign = -1 if zoned[8][0] == "-" else 1
            offset = 0 if zoned[8] == "Z" else sign * (int(zoned[8][1:3]) * 60 + int(zoned[8][4:6]))
            moment = (moment - timedelta(minutes=offset)).replace(tzinfo=ZoneInfo("UTC")).astimezone(ZONE)
        return moment.strftime("%Y%m%d").zfill(8)
    parts = re.fullmatch(r"(-?\d{4,})-(\d\d)-(\d\d)(Z|[+-]\d\d:\d\d)?", text)
    year, month, day = int(parts[1]), int(parts[2]), int(parts[3])
    return f"{year:04}{month:02}{day:02}" if 0 <= year <= 9999 else None


def remittance(transaction):
    """`join(.., " ") | wrap(27, lines: 4) | cut mark "+"`."""
    texts = [it.element.text or "" for it in transaction.all("RmtInf/Ustrd")]
    lines = meaning.wrap(" ".join(epc(it) for it in texts), 27)
    if len(lines) > 4:
        lines = lines[:4]
        lines[3] = lines[3] + "+" if len(lines[3]) < 27 else lines[3][:26] + "+"
    return lines


def hash_digits(account):
    """The last ten characters, letters as zero."""
    return int("".join(it if it in "0123456789" else "0" for it in account.rstrip(" ")[-10:]) or "0")


class Batch:
    """A file for one currency."""

    def __init__(self, page):
        self.page, self.details, self.total, self.hash = page, [], Decimal(0), 0

    def add(self, fields):
        page = self.page
        count = len(self.details) + 1
        lines = fields["lines"] + [""] * (4 - len(fields["lines"]))
        self.details.append(
            page.text("10", 2) + page.digits(count, 7) + page.text(fields["debit"], 34) + page.text(fields["credit"], 34)
            + page.text(fields["bic"], 11) + packed(fields["amount"], 13) + page.digits(fields["date"], 8)
            + page.text(fields["name"], 35) + page.text(fields["e2e"], 35) + page.digits(len(fields["lines"]), 1)
            + b"".join(page.text(it, 27) for it in lines) + page.text(fields["charges"], 1) + page.text("", 17)
        )
        self.total += fields["amount"]
        self.hash += hash_digits(fields["credit"])

    def bytes(self, currency, number, sender):
        page = self.page
        local = datetime.fromisoformat(NOW).astimezone(ZONE)
        head = (
            page.text("00", 2) + page.text("PAYHUB", 8) + page.text(local.strftime("%Y%m%d%H%M%S"), 14) + page.digits(number, 6)
            + page.text(currency, 3) + page.text(sender, 35) + page.text("", 232)
        )
        tail = (
            page.text("99", 2) + page.digits(len(self.details), 7) + packed(self.total, 15)
            + page.digits(self.hash % 10**12, 12) + page.text("", 271)
        )
        return head + b"".join(self.details) + tail


def record(group, transaction, at):
    """(fields, []) or (None, [(line, code, reason, source)])."""
    faults = []

    def bad(rule, code, reason, source):
        faults.append((LINES[rule], code, reason, source))

    in_group, in_transaction = f"CstmrCdtTrfInitn/PmtInf[{at[0]}]", f"CstmrCdtTrfInitn/PmtInf[{at[0]}]/CdtTrfTxInf[{at[1]}]"
    if group.token("PmtMtd") != "TRF":
        bad("where", "map/rejected", "NARR", f"{in_group}/PmtMtd")
        return None, faults
    debit, credit = group.text("DbtrAcct/Id/IBAN"), transaction.text("CdtrAcct/Id/IBAN")
    if debit is None:
        bad("DTL-DEBIT-IBAN", "map/rejected", "AC02", f"{in_group}/DbtrAcct/Id/IBAN")
    if credit is None:
        bad("DTL-CREDIT-IBAN", "map/rejected", "AC03", f"{in_transaction}/CdtrAcct/Id/IBAN")
    agent = transaction.text("CdtrAgt/FinInstnId/BICFI")
    if agent is not None and bic(agent) is None:
        bad("DTL-CREDIT-BIC", "map/bic", "RC01", f"{in_transaction}/CdtrAgt/FinInstnId/BICFI")
    given = transaction.token("Amt/InstdAmt")
    amount = given and exact(given)
    if given is None:
        bad("DTL-AMOUNT", "map/rejected", "AM12", f"{in_transaction}/Amt/InstdAmt")
    elif amount is None:
        bad("DTL-AMOUNT", "map/digits", "AM12", f"{in_transaction}/Amt/InstdAmt")
    day = value_date(group)
    if day is None:
        bad("DTL-VALUE-DATE", "map/date", "DT01", f"{in_group}/ReqdExctnDt/Dt")
    name = transaction.text("Cdtr/Nm")
    if name is None:
        bad("DTL-CREDIT-NAME", "map/rejected", "BE22", f"{in_transaction}/Cdtr/Nm")
    reference = epc(transaction.text("PmtId/EndToEndId"))
    if len(reference) > 35:
        bad("DTL-E2E-ID", "map/length", "FF01", f"{in_transaction}/PmtId/EndToEndId")
    charges = transaction.token("ChrgBr") or group.token("ChrgBr") or "SLEV"
    if faults:
        return None, faults
    return {
        "debit": debit, "credit": credit, "bic": "" if agent is None else agent if len(agent) == 11 else agent + "XXX",
        "amount": amount, "date": day, "name": cut(epc(name), 35, "+"), "e2e": reference, "lines": remittance(transaction),
        "charges": CHARGES[charges], "currency": transaction.one("Amt/InstdAmt").element.attrib["Ccy"],
    }, []


def expect(path, page):
    """(files by currency, rejects) or (None, rejects) where the file is refused; a reject is (scope, record, faults)."""
    message = Element(Element(xml.parse(path).getroot()).element[0])
    sender = epc(message.text("GrpHdr/MsgId"))
    files, rejects, number = {}, [], 0
    total = Decimal(0)
    for at, group in enumerate(message.all("PmtInf"), 1):
        for inner, transaction in enumerate(group.all("CdtTrfTxInf"), 1):
            number += 1
            total += Decimal(transaction.token("Amt/InstdAmt") or 0)
            fields, faults = record(group, transaction, (at, inner))
            if faults:
                rejects.append(("record", number, faults))
            else:
                files.setdefault(fields["currency"], Batch(page)).add(fields)
    faults = []
    if int(message.token("GrpHdr/NbOfTxs")) != number:
        faults.append((LINES["count"], "map/verify", "AM18", "CstmrCdtTrfInitn/GrpHdr/NbOfTxs"))
    claimed = message.token("GrpHdr/CtrlSum")
    if claimed is not None and Decimal(claimed) != total:
        faults.append((LINES["sum"], "map/verify", "AM10", "CstmrCdtTrfInitn/GrpHdr/CtrlSum"))
    scope = "file" if faults else "message"
    if len(sender) > 35 and files:
        faults.append((LINES["HDR-SENDER-REF"], "map/length", "FF01", "CstmrCdtTrfInitn/GrpHdr/MsgId"))
        faults.sort()
    if faults:
        return None, rejects + [(scope, 0, faults)]
    return {currency: batch.bytes(currency, at, sender) for at, (currency, batch) in enumerate(files.items(), 1)}, rejects


# ---- what it became ---------------------------------------------------------------------------------------------------

def found(mapping, path, folder):
    code, _, said = meaning.latimer(
        "translate", mapping, "--schemas", XSD, path, "-o", f"{folder}/", "--rejects", f"{folder}.rejects", "--now", NOW
    )
    files = {it.stem.rsplit("-", 1)[1]: it.read_bytes() for it in sorted(folder.glob("*.dat"))} if folder.exists() else {}

    def seen(it):
        return (it["rule"] and int(it["rule"].rsplit(":", 1)[1]), it["code"], it["reason"], it["source"] or "")

    rejects = [(it["scope"], it["record"] or 0, [seen(fault) for fault in [it, *it["faults"]]]) for it in meaning.json_lines(f"{folder}.rejects")]
    return files, rejects, code, said


def compare(verdict, mapping, page, path, folder):
    files, rejects = expect(path, page)
    out, refused, code, said = found(mapping, path, folder)
    what = path.name
    exit_code = 65 if not files and rejects else 3 if rejects else 0
    if not verdict.same(f"{what}: exit code", exit_code, code):
        print("    " + said[:600], file=sys.stderr)
    verdict.same(f"{what}: currencies", list(sorted(files or {})), list(sorted(out)))
    for currency in sorted(set(files or {}) & set(out)):
        same_bytes(verdict, f"{what} {currency}", files[currency], out[currency])
    verdict.same(f"{what}: number of rejects", len(rejects), len(refused))
    for one, other in zip(rejects, refused):
        verdict.same(f"{what}: reject", one, other)
    return files, rejects


def same_bytes(verdict, what, expected, became):
    verdict.same(f"{what}: length", len(expected), len(became))
    for at in range(0, len(expected), LENGTH):
        one, other = expected[at : at + LENGTH], became[at : at + LENGTH]
        if one != other:
            place = next((it for it in range(min(len(one), len(other))) if one[it] != other[it]), 0)
            verdict.same(f"{what}: record {at // LENGTH + 1} from byte {place + 1}", one[place : place + 40].hex(), other[place : place + 40].hex())
        else:
            verdict.compared += 1


def cobol(verdict, totals, files, folder):
    """The core's own program adds up the same."""
    for currency, expected in files.items():
        path = next(folder.glob(f"*-{currency}.dat"), None)
        if path is None:
            continue
        said = subprocess.run([totals, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode("latin-1").split()
        trailer = expected[-LENGTH:]
        count, amount = len(expected) // LENGTH - 2, Decimal(trailer[9:17].hex()[:-1]).scaleb(-2)
        mark = int("".join(str(it & 15) for it in trailer[17:29]))
        wanted = [f"{count + 2:09}", *[f"{count:09}", f"{amount:018.2f}", f"{mark:012}"], f"{count:07}", f"{amount:018.2f}", f"{mark:012}", currency]
        verdict.same(f"{path.name}: what COBOL adds up", wanted, said)


def inputs(work):
    """Samples and mutants that are valid, and generated files."""
    samples = VECTORS / "iso20022" / "samples" / "valid"
    found = sorted(it for it in samples.rglob("*.xml") if b"pain.001.001.09" in it.read_bytes()[:4096])
    wanted = set()
    for row in (VECTORS / "iso20022" / "mutants" / "verdicts.tsv").read_text().splitlines()[1:]:
        name, schema, *_, truth = row.split("\t")
        if schema == "pain.001.001.09.xsd" and truth == "valid":
            wanted.add(name)
    (work / "mutants").mkdir()
    with tarfile.open(VECTORS / "iso20022" / "mutants" / "mutants.tar.gz") as mutants:
        for member in mutants:
            name = pathlib.Path(member.name).name
            if name in wanted:
                (work / "mutants" / name).write_bytes(mutants.extractfile(member).read())
    made = sorted((work / "mutants").iterdir())
    if len(made) != len(wanted):
        sys.exit("batch: a mutant of the verdicts is not among the files")
    (work / "made").mkdir()
    for seed in range(1, 61):
        path = work / "made" / f"made-{seed:02}.xml"
        arguments = ["pain001", "--variety", "--seed", str(seed), "--currencies", str(seed % 5 + 1), "--transactions", str(1 + seed * 7 % 130)]
        path.write_bytes(subprocess.run([meaning.GENERATE, *arguments], check=True, stdout=subprocess.PIPE).stdout)
    return found, made, sorted((work / "made").iterdir())


def main():
    work, totals = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    verdict = meaning.Verdict("batch")
    samples, mutants, made = inputs(work)
    valid = subprocess.run(["xmllint", "--noout", "--schema", XSD / "pain.001.001.09.xsd", *made], stderr=subprocess.PIPE).stderr.decode()
    verdict.same("xmllint: generated files that are valid", len(made), valid.count(" validates"))
    page = Page("cp273")
    reasons, outcomes = set(), [0, 0, 0]

    def one(path):
        folder = work / "out" / path.stem
        files, rejects = compare(verdict, MAPPING, page, path, folder)
        if files:
            cobol(verdict, totals, files, folder)
        return files, rejects

    (work / "out").mkdir()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for files, rejects in pool.map(one, [*samples, *mutants, *made]):
            reasons |= {(code, reason) for _, _, faults in rejects for _, code, reason, _ in faults}
            outcomes[0 if files else 1 if any(scope != "record" for scope, *_ in rejects) else 2] += 1
    # The same in the other code pages.
    for name in ("cp037", "cp500", "cp1047", "cp1140"):
        mapping = work / f"{name}.map"
        mapping.write_text(TEXT.replace('"cp273"', f'"{name}"').replace('"corebatch.cpy"', f'"{COPYBOOK}"'), "utf-8")
        (work / name).mkdir()
        for path in made[:20]:
            compare(verdict, mapping, Page(name), path, work / name / path.stem)
    verdict.close(
        f"{len(samples)} samples, {len(mutants)} mutants, {len(made)} generated: {outcomes[0]} give files, {outcomes[1]} are refused, "
        f"{outcomes[2]} have only rejected records; {len(reasons)} reasons"
    )


COPYBOOK = meaning.find("corebatch.cpy", MAPPING.parent, meaning.ROOT / "schemas", EXAMPLES)
main()
