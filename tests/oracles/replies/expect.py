#!/usr/bin/env python3
"""Replies of the core to status reports, back, and to SOAP: the fields each must become, and what is refused."""

import json
import pathlib
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import meaning
from meaning import cut, epc

VECTORS = meaning.beside("LATIMER_VECTORS", "vectors")
CORE = meaning.ROOT / "mappings" / "core"
XSD = VECTORS / "iso20022" / "xsd" / "pacs.002.001.10.xsd"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = "2026-03-02T09:15:02+01:00"
PACS002 = "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"

# What the core says, and what the partner is told; the last only that way.
STATUSES = {
    "00": ("ACSC", None), "10": ("ACSP", None), "14": ("RJCT", "AC01"), "45": ("RJCT", "AC04"), "51": ("RJCT", "AM04"),
    "62": ("RJCT", "AC06"), "96": ("RJCT", "MS03"), "11": ("ACSP", None),
}
NAMES = {"00": "BOOKED", "10": "ACCEPTED", "11": "QUEUED", "14": "NO-ACCOUNT", "45": "CLOSED", "51": "NO-FUNDS", "62": "BLOCKED", "96": "SYSTEM"}

PAGE = subprocess.run(["iconv", "-f", "IBM1047", "-t", "UTF-8"], input=bytes(range(256)), stdout=subprocess.PIPE, check=True)
TO_TEXT = PAGE.stdout.decode("utf-8")
TO_BYTE = {character: byte for byte, character in enumerate(TO_TEXT)}


def ebcdic(text):
    return bytes(TO_BYTE[it] for it in text)


# ---- records ----------------------------------------------------------------------------------------------------------

class Reply:
    """A record of `corereply.cpy`."""

    def __init__(self, number, status, stamp, texts=()):
        self.number, self.status, self.stamp, self.texts = number, status, stamp, list(texts)

    def line(self):
        """As text, each field in its columns."""
        fields = [self.number.ljust(16), self.status.ljust(2), self.stamp.ljust(26), str(len(self.texts))]
        return "".join(fields + [it.ljust(60) for it in self.texts])

    def bytes(self):
        return ebcdic(self.line())


def records(data):
    """Every reply of a file; each says how long it is."""
    text, at, found = "".join(TO_TEXT[it] for it in data), 0, []
    while at < len(text):
        count = int(text[at + 44])
        texts = [text[at + 45 + 60 * it : at + 105 + 60 * it].rstrip(" \0") for it in range(count)]
        found.append(Reply(text[at : at + 16].rstrip(" "), text[at + 16 : at + 18], text[at + 18 : at + 44].rstrip(" "), texts))
        at += 45 + 60 * count
    return found


# ---- times ------------------------------------------------------------------------------------------------------------

def instant(stamp):
    """The point in time of Berlin's clocks, as ISO 8601; None where there is none or more than one."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)-(\d\d)\.(\d\d)\.(\d\d)\.(\d{6})", stamp)
    try:
        local = datetime(*map(int, match.groups()[:6]), tzinfo=BERLIN)
    except (AttributeError, ValueError):
        return None
    first, second = local.replace(fold=0), local.replace(fold=1)
    if first.utcoffset() != second.utcoffset():
        return None
    fraction = match.group(7).rstrip("0")
    minutes = int(local.utcoffset().total_seconds()) // 60
    return f"{local:%Y-%m-%dT%H:%M:%S}{'.' + fraction if fraction else ''}+{minutes // 60:02d}:{minutes % 60:02d}"


def stamp_of(text):
    """The same, back."""
    match = re.fullmatch(r"(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", text)
    fraction = (match.group(2) or "").rstrip("0")
    if len(fraction) > 6:
        return None
    if match.group(3) is None:
        local = datetime.fromisoformat(match.group(1)).replace(tzinfo=BERLIN)
    else:
        local = datetime.fromisoformat(match.group(1) + match.group(3).replace("Z", "+00:00")).astimezone(BERLIN)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return None
    return f"{local:%Y-%m-%d-%H.%M.%S}.{fraction.ljust(6, '0')}"


# ---- forth ------------------------------------------------------------------------------------------------------------

def report(reply, memo):
    """The fields of the status report, or the reason of the refusal."""
    if memo is None:
        return "X-NOREQ"
    status, reason = STATUSES.get(reply.status, ("RJCT", "NARR"))
    accepted = None
    if reply.stamp:
        accepted = instant(reply.stamp)
        if accepted is None:
            return "DT01"
    fields = {
        "OrgnlGrpInf/OrgnlMsgId": memo["request-msg-id"], "OrgnlGrpInf/OrgnlMsgNmId": "pacs.008.001.08",
        "OrgnlInstrId": memo.get("instr-id"), "OrgnlEndToEndId": memo["end-to-end-id"], "OrgnlTxId": epc(reply.number),
        "OrgnlUETR": memo.get("uetr"), "TxSts": status, "StsRsnInf/Rsn/Cd": reason, "AccptncDtTm": accepted,
    }
    found = [(path, value) for path, value in fields.items() if value is not None]
    found += [("StsRsnInf/AddtlInf", epc(it)) for it in reply.texts if it.strip(" ")]
    return sorted(found)


def leaves(element, path=""):
    """Every leaf below an element with its path, names without namespaces."""
    for child in element:
        name = child.tag.partition("}")[2] or child.tag
        below = f"{path}/{name}" if path else name
        if len(child):
            yield from leaves(child, below)
        else:
            yield below, child.text or ""


def refusals(path):
    """The reason of each refused message, by its number."""
    return {it["message"]: it["reason"] for it in meaning.json_lines(path)}


def run(verdict, work, name, mapping, data, expected, *options):
    """Translates one input; gives the outputs of its messages by number, after holding reasons against the expected ones."""
    source, target, rejects = work / f"{name}.in", work / f"{name}.out", work / f"{name}.rejects"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    code, _, said = meaning.latimer("translate", CORE / mapping, source, "-o", target, "--rejects", rejects, "--now", NOW, *options)
    refused = refusals(rejects)
    wanted = {at: it for at, it in enumerate(expected, 1) if isinstance(it, str)}
    verdict.same(f"{name}: refused", wanted, refused)
    verdict.same(f"{name}: exit code", 0 if not wanted else 65 if len(wanted) == len(expected) else 3, code)
    counts = f"read {len(expected)}, written {len(expected) - len(wanted)}, rejected {len(wanted)}"
    verdict.same(f"{name}: conservation", True, counts in said)
    return target.read_bytes() if target.exists() else b"", [at for at in range(1, len(expected) + 1) if at not in refused]


def documents(data):
    return data.decode("utf-8").splitlines()


def xmllint(verdict, work, name, texts, xsd):
    """Every document is what the official schema allows."""
    paths = []
    for at, text in enumerate(texts):
        paths.append(work / f"{name}-{at}.xml")
        paths[-1].write_text(text, "utf-8")
    for first in range(0, len(paths), 500):
        done = subprocess.run(["xmllint", "--noout", "--schema", xsd, *paths[first : first + 500]], stderr=subprocess.PIPE)
        lines = done.stderr.decode().splitlines()
        for line in lines:
            verdict.same(f"{name}: xmllint", "validates", line.rpartition(" ")[2])


def forth(verdict, work, name, replies, memos, state, sample=None):
    """Replies become status reports; gives those that were accepted with their documents."""
    expected = [report(it, memos.get(it.number)) for it in replies]
    data = b"".join(it.bytes() for it in replies)
    output, accepted = run(verdict, work, name, "reply-to-pacs002.map", data, expected, "--state", state)
    texts = documents(output)
    if not verdict.same(f"{name}: reports", len(accepted), len(texts)):
        return []
    identifiers = set()
    for at, text in zip(accepted, texts):
        body = xml.fromstring(text)[0]
        header, info = dict(leaves(body[0])), body[1]
        identifiers.add(header["MsgId"])
        verdict.same(f"{name} {at}: header", (True, NOW), (re.fullmatch("[A-Z0-9]{35}", header["MsgId"]) is not None, header["CreDtTm"]))
        verdict.same(f"{name} {at}: fields", expected[at - 1], sorted(leaves(info)))
    verdict.same(f"{name}: identifiers that differ", len(texts), len(identifiers))
    xmllint(verdict, work, name, texts if sample is None else texts[:sample], XSD)
    return [(replies[at - 1], text) for at, text in zip(accepted, texts)]


# ---- back -------------------------------------------------------------------------------------------------------------

def record(number, status, reason, stamp, texts):
    """The core's record of a status report, or the reason of the refusal. The first fault of the mapping's lines counts."""
    faults = []
    if number is not None and len(epc(number)) > 16:
        faults.append("FF01")
    known = {value: key for key, value in STATUSES.items() if key != "11"}
    code = known.get((status, reason))
    if code is None and status == "RJCT" and reason is not None:
        code = "96"
    if code is None:
        faults.append("X-STATUS" if status is not None else "NARR")
    local = "" if stamp is None else stamp_of(stamp)
    if local is None:
        faults.append("DT01")
    if faults:
        return faults[0]
    kept = [cut(epc(it), 60) for it in texts[:3]]
    return Reply(epc(number or ""), code, local, kept)


def message(number, status, reason, stamp, texts):
    def element(name, value):
        escaped = None if value is None else value.replace("&", "&amp;").replace("<", "&lt;")
        return "" if value is None else f"<{name}>{escaped}</{name}>"

    why = ("<Rsn>" + element("Cd", reason) + "</Rsn>" if reason else "") + "".join(element("AddtlInf", it) for it in texts)
    why = f"<StsRsnInf>{why}</StsRsnInf>" if why else ""
    info = element("OrgnlTxId", number) + element("TxSts", status) + why + element("AccptncDtTm", stamp)
    header = "<GrpHdr><MsgId>S-1</MsgId><CreDtTm>2026-03-02T08:15:01Z</CreDtTm></GrpHdr>"
    return f'<Document xmlns="{PACS002}"><FIToFIPmtStsRpt>{header}<TxInfAndSts>{info}</TxInfAndSts></FIToFIPmtStsRpt></Document>'


def back(verdict, work, name, texts, expected):
    """Status reports become records, byte for byte."""
    data = "\n".join(texts).encode()
    output, accepted = run(verdict, work, name, "reply-to-pacs002.map", data, expected, "--reverse")
    wanted = [expected[at - 1] for at in accepted if not isinstance(expected[at - 1], str)]
    found = records(output)
    if verdict.same(f"{name}: records", len(wanted), len(found)):
        for at, (a, b) in enumerate(zip(wanted, found)):
            verdict.same(f"{name} {at}: record", a.line(), b.line())
    verdict.same(f"{name}: bytes", b"".join(it.bytes() for it in wanted), output)
    return found


# ---- SOAP -------------------------------------------------------------------------------------------------------------

def answer(reply, memo):
    """What the service says: the leaves of its body."""
    if memo is None:
        return "X-NOREQ"
    if reply.status == "96":
        first = next(iter(reply.texts), "")
        text = first if first.strip(" ") else "core system error"
        return [("Fault/faultcode", "soap:Server"), ("Fault/faultstring", text), ("Fault/detail/reason", "MS03"), ("Fault/detail/reference", memo["end-to-end-id"])]
    status, reason = STATUSES.get(reply.status, ("RJCT", "NARR"))
    booked = instant(reply.stamp) if reply.stamp else None
    if reply.stamp and booked is None:
        return "DT01"
    root = "SubmitPaymentResponse/"
    fields = [("reference", memo["end-to-end-id"]), ("status", status), ("reason", reason), ("bookedAt", booked)]
    fields += [("message/text", it) for it in reply.texts]
    return [(root + path, value) for path, value in fields if value is not None]


def soap(verdict, work, replies, memos, state):
    expected = [answer(it, memos.get(it.number)) for it in replies]
    data = b"".join(it.bytes() for it in replies)
    output, accepted = run(verdict, work, "soap", "reply-to-soap.map", data, expected, "--state", state)
    texts = documents(output)
    bodies = []
    if verdict.same("soap: answers", len(accepted), len(texts)):
        for at, text in zip(accepted, texts):
            envelope = xml.fromstring(text)
            verdict.same(f"soap {at}: envelope", (SOAP + "Envelope", [SOAP + "Body"]), (envelope.tag, [it.tag for it in envelope]))
            verdict.same(f"soap {at}: body", expected[at - 1], list(leaves(envelope[0])))
            if envelope[0][0].tag == "SubmitPaymentResponse":
                bodies.append(xml.tostring(envelope[0][0], "unicode"))
    xmllint(verdict, work, "soap-body", bodies, meaning.ROOT / "schemas" / "soap" / "PaymentService.xsd")


# ---- what is tried ----------------------------------------------------------------------------------------------------

STAMPS = [
    "2026-03-02-09.15.00.000000", "2026-07-01-08.00.00.500000", "2026-12-31-23.59.59.999999", "2024-02-29-00.00.00.000001", "",
    "2026-03-29-01.59.59.999999", "2026-03-29-02.00.00.000000", "2026-03-29-02.59.59.999999", "2026-03-29-03.00.00.000000",
    "2026-10-25-01.59.59.000000", "2026-10-25-02.00.00.000000", "2026-10-25-02.59.59.999999", "2026-10-25-03.00.00.000000",
    "2026-02-29-10.00.00.000000", "2026-13-01-10.00.00.000000", "2026-03-02-24.00.00.000000", "2026-03-02-09.15.00", "yesterday",
    "1970-01-01-00.00.00.000000", "1981-03-29-02.30.00.000000",
]
TEXTS = [
    [], ["INSUFFICIENT FUNDS ON ACCOUNT"], ["A" * 60], ["FIRST", "SECOND"], ["ONE", "TWO", "THREE"], [""], ["", "BEHIND A BLANK"],
    ["BEFORE A BLANK", "", "AND BEHIND"], ["", "", ""], ["Konto geschlossen: Müller & Söhne", "50 % < 100 [x]"],
]


def request(number, partial):
    """A payment of another bank that asks for a reply."""
    identifiers = f"<InstrId>I-{number}</InstrId>" if not partial else ""
    uetr = f"<UETR>7a562c67-ca16-48ba-b074-{number:012x}</UETR>" if not partial else ""
    transaction = f"T{number:015d}"
    return transaction, (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>'
        f"<GrpHdr><MsgId>BANKB-{number}</MsgId><CreDtTm>2026-03-02T09:14:58.250Z</CreDtTm><NbOfTxs>1</NbOfTxs>"
        "<IntrBkSttlmDt>2026-03-02</IntrBkSttlmDt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>"
        f"<CdtTrfTxInf><PmtId>{identifiers}<EndToEndId>INV-{number}</EndToEndId><TxId>{transaction}</TxId>{uetr}</PmtId>"
        '<IntrBkSttlmAmt Ccy="EUR">125.50</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr><Dbtr><Nm>Debtor</Nm></Dbtr>'
        "<DbtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>AGRIFRPP</BICFI></FinInstnId></DbtrAgt>"
        "<CdtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Creditor</Nm></Cdtr>"
        "<CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    )


def memo_of(number, partial):
    memo = {"request-msg-id": f"BANKB-{number}", "end-to-end-id": f"INV-{number}"}
    return memo if partial else memo | {"instr-id": f"I-{number}", "uetr": f"7a562c67-ca16-48ba-b074-{number:012x}"}


def requests(verdict, work, state, count):
    """Requests fill the memo that replies need; gives what is known afterwards."""
    made = [request(number, number % 3 == 0) for number in range(1, count + 1)]
    source = work / "requests.xml"
    source.write_text("\n".join(text for _, text in made), "utf-8")
    code, _, said = meaning.latimer("translate", CORE / "pacs008-to-request.map", source, "-o", work / "requests.dat", "--state", state, "--now", NOW)
    verdict.same("requests: exit code", (0, ""), (code, "" if code == 0 else said))
    return {transaction: memo_of(number, number % 3 == 0) for number, (transaction, _) in enumerate(made, 1)}


def remember(state, number, at, memo):
    line = {"key": number, "at": at.isoformat(), "fields": memo}
    with open(state / "memo" / "payment.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def cobol(program, way, lines):
    done = subprocess.run([program, way], input="".join(it + "\n" for it in lines).encode(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().splitlines()


def main():
    work, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    verdict, dice = meaning.Verdict("replies"), random.Random(20260302)
    state = work / "state"
    statuses = [*STATUSES, "77", "  ", "A1"]
    cases = [(status, stamp, texts) for status in statuses for stamp, texts in [
        *((STAMPS[0], it) for it in TEXTS), *((it, []) for it in STAMPS), (dice.choice(STAMPS[:4]), dice.choice(TEXTS))]]
    memos = requests(verdict, work, state, len(cases))
    replies = [Reply(f"T{at:015d}", *it) for at, it in enumerate(cases, 1)]

    # Memos at the edge of their five days, behind it, and none at all.
    now = datetime.fromisoformat(NOW)
    for number, age, known in [("TEDGE", timedelta(days=5) - timedelta(seconds=1), True), ("TOLD", timedelta(days=5, seconds=1), False)]:
        remember(state, number, now - age, memo_of(1, True))
        if known:
            memos[number] = memo_of(1, True)
        replies.append(Reply(number, "00", STAMPS[0]))
    replies += [Reply("TNOBODY", "00", STAMPS[0]), Reply("TNOBODY", "96", "yesterday", ["LOST"]), Reply("", "00", STAMPS[0])]

    # The core's own program writes the records; what it cannot spell in ASCII is checked without it.
    plain = [it for it in replies if it.line().isascii()]
    written = cobol(program, "W", [it.line().ljust(225) for it in plain])
    for mine, theirs in zip(plain, written):
        verdict.same(f"cobol writes {mine.number} {mine.status}", mine.line(), theirs)
    verdict.same("cobol: records", len(plain), len(written))

    pairs = forth(verdict, work, "forth", replies, memos, state)
    soap(verdict, work, replies, memos, state)

    # The law: what went forth comes back to the same bytes, but for the status 11 and the texts.
    law = [(reply, text) for reply, text in pairs if reply.status != "11"]
    expected = [record(epc(it.number), *STATUSES.get(it.status, ("RJCT", "NARR")), instant(it.stamp) if it.stamp else None,
                       [line for line in it.texts if line.strip(" ")]) for it, _ in law]
    found = back(verdict, work, "law", [text for _, text in law], expected)
    for (reply, _), record_back in zip(law, found):
        if reply.status in STATUSES:
            verdict.same(f"law {reply.number}", reply.line()[:44], record_back.line()[:44])
        if reply.status in STATUSES and all(it.strip() and it == epc(it) for it in reply.texts):
            verdict.same(f"law {reply.number}, with its texts", reply.bytes(), record_back.bytes())
    shown = cobol(program, "R", [it.line() for it in found])
    for it, line in zip(found, shown):
        fields = ["", it.number.ljust(16), NAMES[it.status].ljust(10), it.stamp.ljust(26), str(len(it.texts)), *(text.ljust(60) for text in it.texts), ""]
        verdict.same(f"cobol reads {it.number}", "|".join(fields), line)
    verdict.same("cobol: records read", len(found), len(shown))

    # Status reports of our own making.
    reasons = ["AC01", "AC04", "AM04", "AC06", "MS03", "BE04", "NARR", "AG01", "FF01", None]
    times = [
        "2026-03-02T08:15:00Z", "2026-03-02T09:15:00+01:00", "2026-03-02T03:15:00.5-05:00", "2026-07-01T12:00:00.123456+02:00",
        "2026-07-01T12:00:00.1234560Z", "2026-07-01T12:00:00.1234567Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
        "2026-10-25T02:00:00Z", "2026-10-24T23:59:59Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29T02:30:00",
        "2026-03-02T09:15:00", None,
    ]
    lines = [[], ["ONE"], ["A" * 105], ["ONE", "TWO", "THREE", "FOUR"], ["Zürich & Köln", "B" * 61, "C" * 60]]
    own = [("T1", status, reason, times[0], texts) for status in ("ACSC", "ACSP", "RJCT", "PDNG", "ACTC", "CANC") for reason in reasons for texts in lines[:2]]
    own += [("T1", "ACSC", None, it, []) for it in times] + [("T1", "RJCT", "AC04", times[0], it) for it in lines]
    own += [(it, "ACSC", None, times[0], []) for it in ("T" * 16, "T" * 17, "Ü1", "T/2")] + [("T1", None, "AC01", times[0], [])]
    own += [("T" * 17, "PDNG", None, times[5], [])]
    texts = [message(*it) for it in own]
    xmllint(verdict, work, "own", texts, XSD)
    back(verdict, work, "back", texts, [record(*it) for it in own])

    # Volume: a file of 20,000 replies, half of which have a request.
    done = subprocess.run([meaning.GENERATE, "replies", "--replies", "20000", "--charset", "cp1047"], stdout=subprocess.PIPE, check=True)
    many = records(done.stdout)
    crowd, known = work / "crowd", {}
    (crowd / "memo").mkdir(parents=True)
    for at, it in enumerate(many):
        if at % 2 == 0:
            known[it.number] = memo_of(at, at % 6 == 0)
            remember(crowd, it.number, now, known[it.number])
    forth(verdict, work, "many", many, known, crowd, sample=500)
    verdict.close(f"{len(replies)} replies, {len(own)} reports, 20000 replies in one file")


main()
