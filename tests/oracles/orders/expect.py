#!/usr/bin/env python3
"""Orders of a partner to pacs.008: what each must become, worked out from the mapping's meaning, and what it became."""

import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from datetime import date, datetime
from zoneinfo import ZoneInfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import meaning
from meaning import business_day, cut, epc, iban, iban_bank, money, present, uetr_from, wrap

EXAMPLES = meaning.beside("LATIMER_EXAMPLES", "examples")
VECTORS = meaning.beside("LATIMER_VECTORS", "vectors")
MAPPING = meaning.find("acme-to-pacs008.map", meaning.ROOT / "mappings", EXAMPLES)
XSD = VECTORS / "iso20022" / "xsd"
TEXT = MAPPING.read_text("utf-8")
NOW = "2026-03-02T00:30:00+01:00"


# ---- the schema's verdict ---------------------------------------------------------------------------------------------

class Number(str):
    """A JSON number with its digits."""


class Pairs(list):
    """The members of an object, in order."""


def parse(text):
    return json.loads(text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)


SCHEMA = json.loads(meaning.find("acme-transfer.schema.json", MAPPING.parent, meaning.ROOT / "schemas", EXAMPLES).read_text("utf-8"))
FORMATS = {
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
}


def format_holds(kind, text):
    if not re.fullmatch(FORMATS[kind], text):
        return False
    if kind == "uuid":
        return True
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def schema_faults(schema, value, path, unknown):
    """(code, path, reason) of each, in the order of the text; names that no schema knows go to `unknown`."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    reason = {"date": "DT01", "date-time": "DT01"}.get(schema.get("format"), "FF01")
    kind = schema.get("type", "string")
    is_text = isinstance(value, str) and not isinstance(value, Number)
    kinds = {"object": isinstance(value, Pairs), "array": type(value) is list, "string": is_text}
    if not kinds[kind]:
        return [("json/type", path, reason)]
    faults = []
    if kind == "object":
        seen = set()
        for name, member in value:
            inner = f"{path}/{name}".lstrip("/")
            if name in seen:
                faults.append(("json/duplicate", inner, "FF01"))
            elif name not in schema["properties"]:
                unknown.append(inner)
            else:
                faults += schema_faults(schema["properties"][name], member, inner, unknown)
            seen.add(name)
        for name in schema.get("required", []):
            if name not in seen:
                faults.append(("json/missing", f"{path}/{name}".lstrip("/"), "FF01"))
    elif kind == "array":
        for at, item in enumerate(value, 1):
            faults += schema_faults(schema["items"], item, f"{path}[{at}]", unknown)
        if len(value) > schema["maxItems"]:
            faults.append(("json/items", f"{path}[{schema['maxItems'] + 1}]", "FF01"))
        if len(value) < schema["minItems"]:
            faults.append(("json/items", path, "FF01"))
    elif (
        ("enum" in schema and value not in schema["enum"])
        or not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1 << 30)
        or ("pattern" in schema and not re.search(schema["pattern"], value, re.ASCII))
        or ("format" in schema and not format_holds(schema["format"], value))
    ):
        faults.append(("json/facet", path, reason))
    return faults


# ---- the mapping's meaning --------------------------------------------------------------------------------------------

def line(start, nth=0):
    hits = [at for at, it in enumerate(TEXT.splitlines(), 1) if it.strip().startswith(start)]
    return hits[nth]


LINES = {
    "verify": line("verify"), "total": line("TtlIntrBkSttlmAmt"), "where": line("CdtTrfTxInf <- each"), "InstrId": line("InstrId"), "EndToEndId": line("EndToEndId"),
    "TxId": line("TxId"), "UETR": line("UETR"), "Amt": line("IntrBkSttlmAmt  "), "DbtrNm": line("Nm "), "DbtrAdr": line("AdrLine"),
    "DbtrPstCd": line("PstCd"), "DbtrTwn": line("TwnNm"), "DbtrIBAN": line("DbtrAcct/"), "DbtrAgt": line("DbtrAgt/"),
    "CdtrAgt": line("CdtrAgt/"), "CdtrNm": line("Nm ", 1), "CdtrAdr": line("AdrLine", 1), "CdtrPstCd": line("PstCd", 1),
    "CdtrTwn": line("TwnNm", 1), "CdtrIBAN": line("CdtrAcct/Id/IBAN"), "CdtrOthr": line("CdtrAcct/Id/Othr"),
}
CHARGES = {"SHARED": "SHAR", "PAYER": "DEBT", "PAYEE": "CRED"}
UETR = "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"
BICFI = "[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?"
DIRECTORY = dict(
    ((it[0], it[1]), it[2])
    for it in (row.split(",") for row in meaning.find("bic-directory.csv", MAPPING.parent, EXAMPLES).read_text().splitlines()[1:])
)


def plain(value):
    return {name: plain(it) for name, it in value} if isinstance(value, Pairs) else [plain(it) for it in value] if type(value) is list else value


class Transfer:
    """One transfer on its way to a CdtTrfTxInf."""

    def __init__(self, order, transfer, number, today):
        self.order, self.transfer, self.at, self.today = order, transfer, f"transfers[{number}]", today
        self.faults, self.out, self.amount = [], [], None

    def get(self, path):
        value = self.transfer
        for name in path.split("/"):
            value = value.get(name) if isinstance(value, dict) else None
        # Blanks are nothing where the schema lets a text be empty; a reference has at least one character by it.
        return present(value) if isinstance(value, str) and path != "reference" else value

    def bad(self, rule, code, reason, source):
        self.faults.append((LINES[rule], code, reason, f"{self.at}/{source}"))

    def text(self, rule, source, length, target):
        """A text as it is, in the set's characters: too long is bad."""
        value = epc(self.get(source))
        if value is not None and len(value) > length:
            return self.bad(rule, "map/length", "FF01", source)
        self.put(target, value)

    def put(self, target, value):
        if value is not None:
            self.out.append((target, value))

    def run(self):
        due = self.get("executionDate")
        if due is not None and due > self.today:
            return self.bad("where", "map/rejected", "DT01", "executionDate")
        self.identification()
        if self.order["channel"] == "INSTANT":
            self.put("PmtTpInf/SvcLvl/Cd", "SEPA")
            self.put("PmtTpInf/LclInstrm/Cd", "INST")
        amount, fault = money(self.transfer["amount"]["value"], self.transfer["amount"]["currency"])
        if fault == "map/currency":
            self.bad("Amt", fault, "AM03", "amount/currency")
        elif fault:
            self.bad("Amt", fault, "AM12", "amount/value")
        self.amount = amount
        self.put("IntrBkSttlmAmt/@Ccy", self.transfer["amount"]["currency"])
        self.put("IntrBkSttlmAmt", amount)
        self.put("ChrgBr", CHARGES[self.transfer["chargesPaidBy"]])
        self.party("Dbtr", "debtor", "BE07")
        account = self.get("debtor/iban")
        if account is not None and iban(account) is None:
            self.bad("DbtrIBAN", "map/iban", "AC01", "debtor/iban")
        elif account is not None:
            self.put("DbtrAcct/Id/IBAN", iban(account))
        self.debtor_agent(account)
        self.bic("CdtrAgt", "creditor/bankBic")
        self.party("Cdtr", "creditor", "BE04")
        self.creditor_account()
        purpose = self.get("purpose")
        self.put("Purp/Cd", purpose)
        for it in wrap(epc(self.get("remittance/text")), 140):
            self.put("RmtInf/Ustrd", it)

    def identification(self):
        self.text("InstrId", "reference", 35, "PmtId/InstrId")
        self.put("PmtId/EndToEndId", cut(epc(self.get("endToEndId")), 35) or "NOTPROVIDED")
        self.text("TxId", "reference", 35, "PmtId/TxId")
        uetr, reference = self.get("uetr"), self.get("reference")
        if uetr is not None and not re.fullmatch(UETR, uetr):
            self.bad("UETR", "map/facet", "FF01", "uetr")
        elif uetr is not None:
            self.put("PmtId/UETR", uetr)
        elif reference is not None:
            self.put("PmtId/UETR", uetr_from(self.order["messageId"], reference))

    def party(self, target, source, missing):
        first = len(self.out)
        if target == "Cdtr":
            self.put("Cdtr/Nm", cut(epc(self.get("creditor/name")), 140, "+"))
        else:
            self.text("DbtrNm", "debtor/name", 140, "Dbtr/Nm")
        address = self.get(f"{source}/address")
        if address is not None:
            to = f"{target}/PstlAdr"
            self.text(f"{target}PstCd", f"{source}/address/postcode", 16, f"{to}/PstCd")
            if self.get(f"{source}/address/city") is None:
                self.bad(f"{target}Twn", "map/rejected", missing, f"{source}/address/city")
            else:
                self.text(f"{target}Twn", f"{source}/address/city", 35, f"{to}/TwnNm")
            self.put(f"{to}/Ctry", address["country"])
            lines = [(it, epc(self.get(f"{source}/address/{it}"))) for it in ("line1", "line2")]
            for name, it in lines:
                if it is not None and len(it) > 70:
                    self.bad(f"{target}Adr", "map/length", "FF01", f"{source}/address/{name}")
                    break
            else:
                for _, it in lines:
                    self.put(f"{to}/AdrLine", it)
        if len(self.out) == first:
            # Mandatory, and its name may be blank: written empty.
            self.put(target, "")

    def debtor_agent(self, account):
        if self.get("debtor/bic") is not None:
            return self.bic("DbtrAgt", "debtor/bic")
        if account is not None and iban(account) is None:
            return self.bad("DbtrAgt", "map/iban", "AC01", "debtor/iban")
        known = account and DIRECTORY.get((iban(account)[:2], iban_bank(iban(account))))
        if known is None:
            return self.bad("DbtrAgt", "map/rejected", "RC01", "debtor/bic")
        self.put("DbtrAgt/FinInstnId/BICFI", known)

    def bic(self, target, source):
        value = self.get(source)
        if not re.fullmatch(BICFI, value):
            return self.bad(target, "map/bic", "RC01", source)
        self.put(f"{target}/FinInstnId/BICFI", value)

    def creditor_account(self):
        account = self.get("creditor/iban")
        if account is not None and iban(account) is None:
            self.bad("CdtrIBAN", "map/iban", "AC01", "creditor/iban")
        elif account is not None:
            self.put("CdtrAcct/Id/IBAN", iban(account))
        else:
            self.text("CdtrOthr", "creditor/accountNumber", 34, "CdtrAcct/Id/Othr/Id")


def expect(text, now):
    """("accepted", [(path, value)]) or ("rejected", [(line, code, reason, path)])."""
    tree = parse(text)
    unknown = []
    faults = schema_faults(SCHEMA, tree, "", unknown)
    if faults:
        return "rejected", [(None, code, reason, path) for code, path, reason in faults]
    order = plain(tree)
    today = datetime.fromisoformat(now).astimezone(ZoneInfo("Europe/Berlin")).date()
    transfers = [Transfer(order, it, at, today.isoformat()) for at, it in enumerate(order["transfers"], 1)]
    for it in transfers:
        it.run()
    faults = [fault for it in transfers for fault in it.faults]
    currencies = {it["amount"]["currency"] for it in order["transfers"]}
    if len(currencies) > 1:
        # The author's words come first, since their line does; the total has no value then.
        faults.append((LINES["verify"], "map/verify", "AM03", "transfers/amount/currency"))
    if len({it.transfer["amount"]["currency"] for it in transfers if it.amount}) > 1:
        faults.append((LINES["total"], "map/currencies", "AM03", ""))
    if faults:
        return "rejected", sorted(faults, key=lambda it: it[0])
    total = sum(meaning.decimal.Decimal(it.amount) for it in transfers)
    head = [
        ("MsgId", order["messageId"].replace("-", "").lower()), ("CreDtTm", order["createdAt"]), ("NbOfTxs", str(len(transfers))),
        ("TtlIntrBkSttlmAmt/@Ccy", *currencies), ("TtlIntrBkSttlmAmt", total), ("IntrBkSttlmDt", business_day(today).isoformat()),
        ("SttlmInf/SttlmMtd", "CLRG"), ("InstgAgt/FinInstnId/BICFI", "BANKDEFFXXX"),
    ]
    flat = [(f"GrpHdr/{path}", value) for path, value in head]
    return "accepted", flat + [(f"CdtTrfTxInf/{path}", value) for it in transfers for path, value in it.out]


# ---- what it became ---------------------------------------------------------------------------------------------------

def flat(path):
    out = []

    def walk(element, at):
        at = f"{at}/{element.tag.rsplit('}', 1)[1]}" if at is not None else None
        for name, value in element.attrib.items():
            out.append((f"{at}/@{name}", value))
        if len(element) == 0:
            out.append((at, element.text or ""))
        for child in element:
            walk(child, at if at is not None else "")

    root = xml.parse(path).getroot()[0]
    for child in root:
        walk(child, "")
    return [(path.lstrip("/"), meaning.decimal.Decimal(value) if path.endswith("TtlIntrBkSttlmAmt") else value) for path, value in out]


def found(stem, now):
    code, _, said = meaning.latimer(
        "translate", MAPPING, "--schemas", XSD, f"{stem}.json", "-o", f"{stem}.xml", "--rejects", f"{stem}.rejects", "--now", now
    )
    rejects = meaning.json_lines(f"{stem}.rejects")
    if pathlib.Path(f"{stem}.xml").exists():
        return ("accepted", flat(f"{stem}.xml"), code, rejects)
    faults = [it for reject in rejects for it in [reject, *reject["faults"]]]
    def seen(it):
        line = it["rule"] and int(it["rule"].rsplit(":", 1)[1])
        return (line, it["code"], it["reason"], it["source"] or "")
    return ("rejected", [seen(it) for it in faults], code, said if not rejects else [it["scope"] for it in rejects])


def compare(verdict, stem, now=NOW):
    expected = expect(pathlib.Path(f"{stem}.json").read_text("utf-8"), now)
    became = found(stem, now)
    what = pathlib.Path(stem).name
    if not verdict.same(f"{what}: verdict", (expected[0], 0 if expected[0] == "accepted" else 65), (became[0], became[2])):
        print(f"    {expected[1][:3]} {became[1][:3]} {became[3]}", file=sys.stderr)
        return expected
    if expected[0] == "rejected":
        verdict.same(f"{what}: scope", ["message"], became[3])
        most = 16
        if len(expected[1]) > most:
            verdict.same(f"{what}: sixteen of the faults", True, len(became[1]) == most and set(became[1]) <= set(expected[1]))
        else:
            verdict.same(f"{what}: faults", expected[1], became[1])
    else:
        # One comparison a field, so that the first difference is told.
        for at, (one, other) in enumerate(zip(expected[1], became[1])):
            if not verdict.same(f"{what}: field {at}", one, other):
                break
        verdict.same(f"{what}: number of fields", len(expected[1]), len(became[1]))
    return expected


def main():
    work, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    verdict = meaning.Verdict("orders")
    made = subprocess.run(
        [meaning.GENERATE, "order", "--variety", "--orders", str(count), "--seed", "3"], check=True, stdout=subprocess.PIPE
    ).stdout.decode("utf-8")
    orders = made.splitlines()
    stems = [work / f"order-{at:03}" for at in range(len(orders))]
    for stem, text in zip(stems, orders):
        pathlib.Path(f"{stem}.json").write_text(text, "utf-8")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        expected = list(pool.map(lambda it: compare(verdict, it), stems))
    # The day of settlement, and what "due today" means, depend on the clock and on the zone.
    for at, now in enumerate([
        "2026-03-01T23:30:00Z", "2026-03-06T12:00:00+01:00", "2026-03-07T12:00:00+01:00", "2026-04-02T23:59:59+02:00",
        "2026-04-02T22:00:00Z", "2026-05-01T08:00:00+02:00", "2026-12-24T23:30:00Z", "2027-12-31T23:30:00Z", "2027-03-26T00:00:00+01:00",
    ]):
        stem = work / f"clock-{at}"
        pathlib.Path(f"{stem}.json").write_text(orders[0], "utf-8")
        compare(verdict, stem, now)
    schema_check(verdict, work)
    together(verdict, work, stems, expected)
    accepted = sum(it[0] == "accepted" for it in expected)
    reasons = {(code, reason) for it in expected if it[0] == "rejected" for _, code, reason, _ in it[1]}
    lines = {line for it in expected if it[0] == "rejected" for line, *_ in it[1]} - {None}
    verdict.same("rules that refuse and did", set(LINES.values()), lines | {LINES[it] for it in ("EndToEndId", "CdtrNm")})
    verdict.close(f"{len(orders)} orders, {accepted} accepted, {len(orders) - accepted} refused for {len(reasons)} reasons")


def schema_check(verdict, work):
    """Every output is what the official XSD asks for."""
    outputs = sorted(work.glob("*.xml"))
    done = subprocess.run(
        ["xmllint", "--noout", "--schema", XSD / "pacs.008.001.08.xsd", *outputs], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    valid = [it for it in done.stderr.decode().splitlines() if it.endswith(" validates")]
    verdict.same("xmllint: outputs that are valid", len(outputs), len(valid))


def together(verdict, work, stems, expected):
    """The same orders as one stream: each becomes what it became alone."""
    stream = work / "stream.json"
    stream.write_text("\n".join(pathlib.Path(f"{it}.json").read_text("utf-8") for it in stems), "utf-8")
    code, _, said = meaning.latimer("translate", MAPPING, "--schemas", XSD, stream, "-o", f"{work}/together/", "--now", NOW, "--rejects", work / "stream.rejects")
    verdict.same("a stream of orders: exit code", 3, code)
    for at, (stem, (outcome, _)) in enumerate(zip(stems, expected), 1):
        name = "stream.xml" if at == 1 else f"stream-{at}.xml"
        one, other = pathlib.Path(f"{stem}.xml"), work / "together" / name
        verdict.same(f"a stream of orders: order {at}", one.read_bytes() if one.exists() else None, other.read_bytes() if other.exists() else None)
    refused = [it["message"] for it in meaning.json_lines(work / "stream.rejects")]
    verdict.same("a stream of orders: refused", [at for at, it in enumerate(expected, 1) if it[0] == "rejected"], refused)


main()
