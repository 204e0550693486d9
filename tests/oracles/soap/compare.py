"""Envelopes that zeep wrote, read by us, and envelopes that we wrote, read by zeep.

Called by run.sh with the program and this folder; prints a line a comparison; exits non-zero where one fails.
"""

import datetime
import json
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from lxml import etree
import zeep
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken
from zeep.wsa import WsAddressingPlugin

LATIMER, HERE = sys.argv[1], Path(sys.argv[2])
COUNT = 300
TEXTS = ["a", " two  blanks ", "<&>\"'", "é ß 漢 😀", "]]>", "tab\there", "line\nbreak", "x" * 35]
CODES_1_2 = {"Client": "Sender", "Server": "Receiver", "MustUnderstand": "MustUnderstand"}
chance = random.Random(7)
failed = False


def same(what, expected, found):
    """Says whether two lists are the same, and where they differ first."""
    global failed
    wrong = [(a, b) for a, b in zip(expected, found) if a != b]
    if len(expected) != len(found) or wrong or not expected:
        failed = True
        first = f": {wrong[0][0]} and {wrong[0][1]}" if wrong else ""
        print(f"soap: {what}: they differ, {len(expected)} and {len(found)}{first}", file=sys.stderr)
    else:
        print(f"soap: {what}: {len(expected)} messages are the same")


def latimer(arguments, given):
    """Runs the program; gives what it wrote."""
    done = subprocess.run([LATIMER, *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE)
    if done.returncode:
        sys.exit(f"soap: latimer {' '.join(arguments)} failed:\n{done.stderr.decode()}{done.stdout.decode()[:2000]}")
    return done.stdout


def request():
    """The values of a request, as zeep takes them."""
    values = {
        "reference": chance.choice(TEXTS)[:35],
        "amount": {"_value_1": Decimal(chance.randrange(10**12)) / 100, "Ccy": chance.choice(["EUR", "JPY"])},
    }
    if chance.random() < 0.5:
        values["executeOn"] = datetime.date(2026, 1, 1) + datetime.timedelta(chance.randrange(700))
    if chance.random() < 0.5:
        values["urgent"] = chance.random() < 0.5
    values["note"] = [chance.choice(TEXTS) for _ in range(chance.randrange(4))]
    return values


def plain(values):
    """The same as our JSON has it."""
    found = {"reference": values["reference"], "amount": values["amount"]["_value_1"], "currency": values["amount"]["Ccy"]}
    if "executeOn" in values:
        found["executeOn"] = values["executeOn"].isoformat()
    if "urgent" in values:
        found["urgent"] = values["urgent"]
    found["notes"] = values["note"]
    return found


def zeep_writes(port, **how):
    """Requests of a port through `translate`, and through `validate`."""
    client = zeep.Client(str(HERE / "service.wsdl"), port_name=port, **how)
    proxy = client.bind("Payments", port)
    all_values = [request() for _ in range(COUNT)]
    written = []
    for values in all_values:
        message = client.create_message(proxy, "SubmitPayment", **values)
        written.append(etree.tostring(message, pretty_print=chance.random() < 0.5, xml_declaration=True, encoding="utf-8"))
    stream = b"".join(written)
    read = latimer(["translate", "request.map", "-", "--quiet"], stream)
    found = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in read.splitlines()]
    what = f"{port} {' '.join(sorted(how))}".strip()
    same(f"{what}: what zeep wrote, we read", [plain(it) for it in all_values], found)
    latimer(["validate", "--format", "soap", "--schema", "payment.xsd", "--quiet", "-"], stream)
    return written


class Answer:
    """What zeep takes for an answer of HTTP."""

    def __init__(self, content, is_fault, version):
        self.status_code = 500 if is_fault else 200
        self.content = content
        self.encoding = "utf-8"
        self.headers = {"Content-Type": "text/xml" if version == "1.1" else "application/soap+xml"}


def reply():
    """An answer as our JSON has it."""
    values = {"reference": chance.choice(TEXTS)[:35], "status": chance.choice(["ACSC", "RJCT", "FAIL"])}
    values |= {"code": chance.choice(list(CODES_1_2)), "text": chance.choice(TEXTS)}
    if chance.random() < 0.5:
        values["balance"] = Decimal(chance.randrange(10**9)) / 100
    if chance.random() < 0.5:
        values["actor"] = "urn:actor"
    values["messages"] = [chance.choice(TEXTS) for _ in range(chance.randrange(4))]
    return values


def zeep_reads(port, version):
    """Responses and faults of a version, given to zeep as answers."""
    client = zeep.Client(str(HERE / "service.wsdl"), port_name=port)
    binding = client.bind("Payments", port)._binding
    operation = binding.get("SubmitPayment")
    mapping = HERE / "reply.map"
    if version == "1.2":
        text = mapping.read_text().replace("operation SubmitPayment", "operation SubmitPayment version 1.2")
        mapping = Path(sys.argv[3]) / "reply.map"
        mapping.write_text(text)
    replies = [reply() for _ in range(COUNT)]
    lines = "".join(json.dumps(it, default=lambda it: 0.0, ensure_ascii=False) + "\n" for it in replies)
    # Numbers go out with the digits they have, not as floats.
    for it in replies:
        if "balance" in it:
            lines = lines.replace('"balance": 0.0', f'"balance": {it["balance"]}', 1)
    written = latimer(["translate", str(mapping), "-", "--schemas", str(HERE), "--quiet"], lines.encode())
    found = []
    for values, envelope in zip(replies, (b"<?xml" + it for it in written.split(b"<?xml")[1:])):
        answer = Answer(envelope, values["status"] == "FAIL", version)
        try:
            got = binding.process_reply(client, operation, answer)
            found.append((got.reference, got.status, got.balance, [it.text for it in got.message]))
        except Fault as fault:
            detail = {it.tag: it.text for it in fault.detail}
            found.append((fault.code.split(":")[-1], fault.message or "", fault.actor, detail))
    expected = []
    for it in replies:
        if it["status"] != "FAIL":
            expected.append((it["reference"], it["status"], it.get("balance"), it["messages"]))
            continue
        code = it["code"] if version == "1.1" else CODES_1_2[it["code"]]
        # zeep does not read the role of a fault of SOAP 1.2.
        actor = it.get("actor") if version == "1.1" else None
        expected.append((code, it["text"], actor, {"reference": it["reference"], "reason": "MS03"}))
    same(f"{port}: what we wrote, zeep reads", expected, found)
    return written


zeep_writes("First")
zeep_writes("Second")
zeep_writes("First", plugins=[WsAddressingPlugin()])
zeep_writes("Second", plugins=[WsAddressingPlugin()], wsse=UsernameToken("name", "secret"))
for port, version in [("First", "1.1"), ("Second", "1.2")]:
    written = zeep_reads(port, version)
    latimer(["validate", "--format", "soap", "--schema", "payment.xsd", "--option", f"version={version}", "--quiet", "-"], written)
sys.exit(failed)
