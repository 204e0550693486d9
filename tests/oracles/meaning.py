"""What the functions of the mapping language mean, worked out once more, and how the program is run.

Written from the language's description, not from the program; the tables under `src/engine/standards` are data with their
sources beside them, read by both.
"""

import decimal
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unicodedata
from datetime import date, timedelta

ROOT = pathlib.Path(__file__).resolve().parents[2]
STANDARDS = ROOT / "src" / "engine" / "standards"
decimal.getcontext().prec = 60


def rows(name):
    for line in (STANDARDS / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


# ---- characters -------------------------------------------------------------------------------------------------------

KEPT = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
EPC = {chr(int(code[2:], 16)): entry for code, entry in rows("epc217-08.tsv")}


def epc(text):
    """`bad-chars = transliterate "epc217-08"`: NFC, what the set has stays, the entry, else a point."""
    if text is None:
        return None
    return "".join(it if it in KEPT else EPC.get(it, ".") for it in unicodedata.normalize("NFC", text))


def present(text):
    """A blank text is absent."""
    return None if text is None or text.strip(" ") == "" else text


def cut(text, length, mark=""):
    if text is None or len(text) <= length:
        return text
    return text[: length - len(mark)] + mark


def wrap(text, width):
    """Breaks at blanks and line feeds; a run of them at a break is dropped, elsewhere kept; no empty line."""
    lines, rest = [], (text or "").replace("\r", " ").replace("\n", " ").strip(" ")
    while rest:
        if len(rest) <= width:
            lines.append(rest)
            break
        # The last run of blanks that leaves at most `width` characters before it.
        breaks = [it.start() for it in re.finditer(" +", rest) if it.start() <= width]
        at = breaks[-1] if breaks else width
        lines.append(rest[:at].rstrip(" "))
        rest = rest[at:].lstrip(" ")
    return lines


# ---- identifiers ------------------------------------------------------------------------------------------------------

IBANS = {row[0]: row for row in rows("iban.tsv")}
KINDS = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
COUNTRIES = {row[0] for row in rows("countries.tsv")}


def iban(text):
    """ISO 13616 by the registry, or None."""
    text = text.replace(" ", "").upper()
    row = IBANS.get(text[:2])
    if row is None or not text.isascii() or len(text) != int(row[1]):
        return None
    shape = "".join(KINDS[kind] + "{%s}" % count for count, kind in re.findall(r"(\d+)!?([nac])", row[2]))
    if not re.fullmatch("[A-Z]{2}[0-9]{2}" + shape, text):
        return None
    moved = text[4:] + text[:4]
    return text if int("".join(str(int(it, 36)) for it in moved)) % 97 == 1 else None


def iban_bank(text):
    """The bank in an IBAN, where the registry says which characters it is."""
    first, _, last = IBANS[text[:2]][3].partition("-")
    return text[int(first) - 1 : int(last)] if last else None


def bic(text):
    """ISO 9362, the country exists, no placeholder."""
    if text in ("NOTPROVIDED", "XXXXXXXX", "XXXXXXXXXXX") or not re.fullmatch("[A-Z0-9]{8}([A-Z0-9]{3})?", text):
        return None
    return text if text[4:6] in COUNTRIES else None


def uetr_from(*parts):
    """SHA-256 of the parts, each behind its length in eight bytes, with the bits of a UUID of version 4."""
    import hashlib

    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    made = bytearray(digest.digest()[:16])
    made[6] = made[6] & 0x0F | 0x40
    made[8] = made[8] & 0x3F | 0x80
    digits = made.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# ---- money and days ---------------------------------------------------------------------------------------------------

CURRENCIES = {row[0]: row for row in rows("currencies.tsv")}


def minor(currency):
    """Decimals by ISO 4217; None for a currency that does not exist."""
    row = CURRENCIES.get(currency)
    return None if row is None else next((int(it) for it in row[1:] if re.fullmatch("[0-4]", it)), 0)


def money(value, currency):
    """(digits, None) or (None, fault): zeros beyond the currency's decimals go, other digits there are bad."""
    decimals = minor(currency)
    if decimals is None:
        return None, "map/currency"
    whole, _, fraction = value.partition(".")
    if fraction[decimals:].strip("0"):
        return None, "map/digits"
    fraction = fraction[:decimals]
    whole = whole.lstrip("0") or "0"
    return (whole + "." + fraction if fraction else whole), None


def easter(year):
    """Meeus, Jones, Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def is_target_day(day):
    sunday = easter(day.year)
    fixed = {(1, 1), (5, 1), (12, 25), (12, 26)}
    return day.weekday() < 5 and (day.month, day.day) not in fixed and day not in (sunday - timedelta(2), sunday + timedelta(1))


def business_day(day):
    while not is_target_day(day):
        day += timedelta(1)
    return day


# ---- running ----------------------------------------------------------------------------------------------------------

BINARY = pathlib.Path(os.environ.get("LATIMER_BINARY", ROOT / "target" / "release" / "latimer"))
GENERATE = pathlib.Path(os.environ.get("LATIMER_GENERATE", ROOT / "target" / "release" / "latimer-generate"))


def find(name, *folders):
    """A file by its name, the project's own first."""
    for folder in folders:
        hits = sorted(pathlib.Path(folder).rglob(name)) if pathlib.Path(folder).is_dir() else []
        if hits:
            return hits[0]
    sys.exit(f"oracles: there is no {name} in {', '.join(str(it) for it in folders)}")


def beside(variable, name):
    """A folder named by a variable of the environment, else `../shared/NAME` or `../../shared/NAME` of the project."""
    if variable in os.environ:
        return pathlib.Path(os.environ[variable])
    for above in (ROOT.parent, ROOT.parent.parent):
        if (above / "shared" / name).is_dir():
            return above / "shared" / name
    sys.exit(f"oracles: {variable} says where the {name} are; nothing was compared")


def latimer(*arguments):
    """Runs the program; gives its exit code and what it said."""
    done = subprocess.run([BINARY, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


class Measured:
    """A run with its time and its largest memory."""

    def __init__(self, code, seconds, peak_mb):
        self.code, self.seconds, self.peak_mb = code, seconds, peak_mb

    def said(self, size):
        return f"peak memory {self.peak_mb:.1f} MB, {self.seconds:.1f} s, {size / 1e6 / self.seconds:.0f} MB/s"


def measured(*arguments):
    """Runs the program and asks the kernel for the most memory it had (`ru_maxrss`, what `/usr/bin/time -v` prints)."""
    start = time.monotonic()
    child = subprocess.Popen([BINARY, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    if code:
        print(said[:1000], file=sys.stderr)
    return Measured(code, seconds, usage.ru_maxrss / 1024)


def json_lines(path):
    path = pathlib.Path(path)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def line_of(mapping_text, start):
    """The line of a mapping that begins with some words."""
    hits = [at for at, line in enumerate(mapping_text.splitlines(), 1) if line.split("##")[0].strip().startswith(start)]
    if len(hits) != 1:
        sys.exit(f"oracles: {len(hits)} lines of the mapping begin with `{start}`")
    return hits[0]


class Verdict:
    """Counts comparisons and tells the first disagreements."""

    def __init__(self, name):
        self.name, self.compared, self.wrong = name, 0, 0

    def same(self, what, expected, found):
        self.compared += 1
        if expected == found:
            return True
        self.wrong += 1
        if self.wrong <= int(os.environ.get("LATIMER_SHOW", "20")):
            print(f"{self.name}: {what}\n    expected {expected!r}\n    found    {found!r}", file=sys.stderr)
        return False

    def close(self, what):
        print(f"{self.name}: {what}: {self.compared} comparisons, {self.wrong} disagreements")
        sys.exit(1 if self.wrong else 0)
