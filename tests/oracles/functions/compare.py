"""Generates values for every function, works out with other programs what they give, and compares.

Sources: decimal, datetime, zoneinfo, calendar, unicodedata, base64, binascii, hashlib, uuid of Python; python-stdnum; schwifty.
"""

import base64
import binascii
import calendar
import datetime as dt
import hashlib
import os
import random
import re
import string
import subprocess
import sys
import unicodedata
import uuid
from decimal import Decimal, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP
from decimal import getcontext
from zoneinfo import ZoneInfo

import stdnum.be.nn, stdnum.de.idnr, stdnum.es.dni, stdnum.eu.at_02, stdnum.fr.siren, stdnum.fr.siret, stdnum.iban
import stdnum.iso11649, stdnum.iso7064.mod_97_10, stdnum.iso7064.mod_11_10, stdnum.isbn, stdnum.lei, stdnum.luhn
import stdnum.nl.bsn, stdnum.no.kontonr, stdnum.no.orgnr, stdnum.pl.pesel, stdnum.se.orgnr, stdnum.us.rtn

try:
    import schwifty
except ImportError:
    schwifty = None

getcontext().prec = 120
COUNT = int(os.environ.get("COUNT", "2000"))
ONLY = os.environ.get("ONLY", "texts numbers currencies dates identifiers accounts garbage").split()
RNG = random.Random(int(os.environ.get("SEED", "20260102")))
NOW = dt.datetime(2026, 1, 2, 12, tzinfo=dt.timezone.utc)
CASES = []


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def case(name, expression, expected, into="", back=False):
    CASES.append((name, f"{expression}\t{into}\t{'back' if back else ''}", expected))


def times():
    return range(COUNT)


def shown(text):
    return text if text != "" else "absent"


LETTERS = "abcXYZ019 -/.,'äÖßéñŁ€漢+:&_ "


def text(low=1, high=20, letters=LETTERS):
    return "".join(RNG.choice(letters) for _ in range(RNG.randint(low, high))).replace("\t", " ")


# ---- texts -----------------------------------------------------------------------------------------------------------


def texts():
    for _ in times():
        it = text()
        case("trim", f"{quoted(it)} | trim", shown(it.strip(" ")))
        case("squeeze", f"{quoted(it)} | squeeze", re.sub(" +", " ", it))
        case("upper", f"{quoted(it)} | upper", "".join(c.upper() if len(c.upper()) == 1 else c for c in it))
        case("lower", f"{quoted(it)} | lower", "".join(c.lower() if len(c.lower()) == 1 else c for c in it))
        n = RNG.randint(1, 25)
        case("cut", f"{quoted(it)} | cut({n})", it[:n])
        first = RNG.randint(1, len(it))
        count = RNG.randint(1, 9)
        case("chars", f"{quoted(it)} | chars({first}, {count})", it[first - 1 : first - 1 + count])
        separator = RNG.choice([" ", "-", "/", "X", "0 "])
        pieces = [p for p in it.split(separator) if p]
        case("split", f"{quoted(it)} | split({quoted(separator)})", "[" + ", ".join(pieces) + "]")
        number = RNG.randint(1, 4)
        pieces = it.split(separator)
        case("part", f"{quoted(it)} | part({quoted(separator)}, {number})", shown(pieces[number - 1] if number <= len(pieces) else ""))
        old, new = text(1, 2), RNG.choice(["", "x", "--"])
        case("replace", f"{quoted(it)} | replace({quoted(old)}, {quoted(new)})", shown(it.replace(old, new)))
        width = RNG.randint(1, 30)
        padded = it.rjust(width, "*") if len(it) <= width else "bad FF01"
        case("pad-left", f'{quoted(it)} | pad-left("*", {width})', padded)
        padded = it.ljust(width, "*") if len(it) <= width else "bad FF01"
        case("pad-right", f'{quoted(it)} | pad-right("*", {width})', padded)
        sets = {
            "digits": lambda c: c in string.digits,
            "letters": lambda c: unicodedata.category(c)[0] == "L",
            "alnum": lambda c: unicodedata.category(c)[0] == "L" or c in string.digits,
            "sepa": lambda c: c in string.ascii_letters + string.digits + "/-?:().,'+ ",
            "swift-x": lambda c: c in string.ascii_letters + string.digits + "/-?:().,'+ \r\n",
            "ascii": lambda c: " " <= c <= "~",
            "latin-1": lambda c: " " <= c <= "~" or "\xa0" <= c <= "\xff",
        }
        name = RNG.choice(list(sets))
        has = sets[name]
        case("keep", f"{quoted(it)} | keep({name})", shown("".join(c for c in it if has(c))))
        case("drop", f"{quoted(it)} | drop({name})", shown("".join(c for c in it if not has(c))))
        case("charset-check", f"{quoted(it)} | charset-check({name})", it if all(map(has, it)) else "bad RR10")
        umlauts = {"ä": "ae", "Ö": "Oe", "ß": "ss"}
        case("transliterate", f'{quoted(it)} | transliterate("de-umlaut")', "".join(umlauts.get(c, c) for c in it))
        data = bytes(RNG.randrange(256) for _ in range(RNG.randint(1, 40)))
        case("hex", f'{quoted(data.hex())} | hex', data.hex().upper())
        case("base64", f'{quoted(data.hex())} | hex | base64', base64.b64encode(data).decode())
        case("base64", f'{quoted(base64.b64encode(data).decode())} | base64 | hex', data.hex().upper())
        case("digest", f"digest(sha-256, {quoted(it)})", hashlib.sha256(it.encode()).hexdigest())
        case("digest", f"digest(sha-512, {quoted(it)}, \"x\")", hashlib.sha512(it.encode() + b"\nx").hexdigest())
        case("crc32", f"crc32({quoted(it)})", f"{binascii.crc32(it.encode()):08x}")
        values = [text(1, 2, "abcA") for _ in range(RNG.randint(1, 8))]
        made = "list(" + ", ".join(map(quoted, values)) + ")"
        case("sort", f"{made} | sort", "[" + ", ".join(sorted(values)) + "]")
        case("distinct", f"{made} | distinct", "[" + ", ".join(dict.fromkeys(values)) + "]")
        if len(values) > 2:
            case("first", f"{made} | first(2)", "[" + ", ".join(values[:2]) + "]")
            case("last", f"{made} | last(2)", "[" + ", ".join(values[-2:]) + "]")


# ---- numbers ---------------------------------------------------------------------------------------------------------

MODES = {
    "half-even": ROUND_HALF_EVEN,
    "half-up": ROUND_HALF_UP,
    "half-down": ROUND_HALF_DOWN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}


def plain(it):
    """As records write a number: no exponent, no minus before zero."""
    written = f"{it:f}"
    return written.lstrip("-") if it == 0 else written


def number(whole=9, decimals=4, signed=True):
    digits = "".join(RNG.choice(string.digits) for _ in range(RNG.randint(1, whole)))
    fraction = "".join(RNG.choice("00123456789") for _ in range(RNG.randint(0, decimals)))
    sign = RNG.choice(["", "-"]) if signed else ""
    return Decimal(sign + digits + ("." + fraction if fraction else ""))


def read(it):
    """A number as an expression."""
    return f"({quoted(plain(it))} | decimal)"


def numbers():
    for _ in times():
        it, other = number(), number()
        case("decimal", f"{quoted(plain(it))} | decimal", plain(it))
        grouped = f"{it:,f}".replace(",", "_").replace(".", ",").replace("_", ".")
        grouped = grouped.lstrip("-") if it == 0 else grouped
        case("decimal", f'{read(it)} | decimal(point: ",", group: ".")', grouped, back=True)
        case("decimal", f'{quoted(grouped)} | decimal(point: ",", group: ".")', plain(it))
        mode, places = RNG.choice(list(MODES)), RNG.randint(0, 4)
        rounded = it if -it.as_tuple().exponent <= places else it.quantize(Decimal(1).scaleb(-places), rounding=MODES[mode])
        case("round", f"{read(it)} | round({mode}, {places})", plain(rounded))
        case("negate", f"{read(it)} | negate", plain(-it))
        case("absolute", f"{read(it)} | absolute", plain(abs(it)))
        for name, factor in [("percent", 2), ("from-percent", -2), ("basis-points", 4), ("from-basis-points", -4)]:
            case(name, f"{read(it)} | {name}", plain(it.scaleb(factor)))
            case(name, f"{read(it)} | {name}", plain(it.scaleb(-factor)), back=True)
        big, by = number(20, 9), number(8, 8)
        if by == 0:
            expected = "bad AM12"
        else:
            expected = plain((big / by).quantize(Decimal(1).scaleb(-places), rounding=MODES[mode]))
        case("divide", f"divide({read(big)}, {read(by)}, decimals: {places}, rounding: {mode})", expected)
        case("+", f"{read(it)} + {read(other)}", plain(it + other))
        case("*", f"{read(it)} * {read(other)}", plain(it * other))
        digits = text(1, 14, string.digits)
        n = RNG.randint(0, 4)
        case("integer", f"{quoted(digits)} | integer", str(int(digits)))
        case("implied", f"{quoted(digits)} | implied({n})", plain(Decimal(int(digits)).scaleb(-n)))
        positive = number(7, 2, False)
        cents = int(positive.scaleb(2))
        case("implied", f"{plain(positive)} | implied(2)", f"{cents:012d}", "text(12)", True)
        signed = -positive if RNG.random() < 0.5 else positive
        mark = "-" if signed < 0 else "+"
        punched = f"{cents:010d}"
        punched = punched[:-1] + ("}JKLMNOPQR" if signed < 0 else "{ABCDEFGHI")[int(punched[-1])]
        spelled = {"overpunch": punched, "sign-trailing": f"{cents:09d}{mark}", "sign-separate": f"{mark}{cents:09d}"}
        for name, digits in spelled.items():
            case(name, f"{plain(signed)} | {name}(2)", digits, "text(10)", True)
            case(name, f"{quoted(digits)} | {name}(2)", plain(Decimal(int(signed.scaleb(2))).scaleb(-2)))
        word = "DBIT" if signed < 0 else "CRDT"
        case("credit-debit", f"{plain(signed)} | credit-debit", f"[{plain(abs(signed))}, {word}]")
        case("credit-debit", f'({plain(abs(signed))}, "{word}") | credit-debit', plain(signed), back=True)


def currencies():
    rows = tables("currencies.tsv")
    for code, digits, decimals, *_ in rows:
        case("currency-numeric", f"{quoted(code)} | currency-numeric", digits)
        case("currency-alpha", f"{quoted(digits)} | currency-alpha", code)
        for _ in range(max(1, COUNT // 100)):
            units = RNG.randint(0, 10**12)
            if decimals == "-":
                case("minor-units", f'{units} | minor-units("{code}")', "bad AM03")
                continue
            amount = Decimal(units).scaleb(-int(decimals))
            case("minor-units", f'{units} | minor-units("{RNG.choice([code, digits])}")', plain(amount))
            case("minor-units", f'{plain(amount)} | minor-units("{code}")', str(units), back=True)
            case("minor-units", f'money({plain(amount)}, "{code}") | minor-units', str(units))
            mode, rate = RNG.choice(list(MODES)), abs(number(3, 6)) + 1
            converted = (amount * rate).quantize(Decimal(1).scaleb(-int(decimals)), rounding=MODES[mode])
            expression = f'convert(money({plain(amount)}, "{code}"), {plain(rate)}, to: "{code}", rounding: {mode})'
            case("convert", expression, f"{plain(converted)} {code}")
    for two, three, digits, *_ in tables("countries.tsv"):
        case("country", f"{quoted(three)} | country", two)
        case("country", f"{quoted(two)} | country(alpha-3)", three)
        if digits:
            case("country", f"{quoted(digits)} | country(alpha-3)", three)
            case("country", f"{quoted(two)} | country(numeric)", digits)
    for two, three, *_ in tables("languages.tsv"):
        case("language", f"{quoted(three)} | language", two)
        case("language", f"{quoted(two)} | language(alpha-3)", three)


def tables(name):
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/engine/standards")
    with open(os.path.join(root, name), encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]


# ---- dates and times -------------------------------------------------------------------------------------------------

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "UTC"]


def day(low=1970, high=2069):
    return dt.date(low, 1, 1) + dt.timedelta(RNG.randrange((dt.date(high, 12, 31) - dt.date(low, 1, 1)).days + 1))


def moment(low=1972, high=2036):
    seconds = RNG.randrange(86400)
    return dt.datetime.combine(day(low, high), dt.time()) + dt.timedelta(seconds=seconds, microseconds=RNG.choice([0, 0, 500000, RNG.randrange(10**6)]))


def iso(it):
    """As we print it: the offset with a colon, a fraction without zeros at its end."""
    written = it.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    if it.microsecond:
        written += f".{it.microsecond:06d}".rstrip("0")
    if it.tzinfo is None:
        return written
    minutes = int(it.utcoffset().total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{written}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def local(it):
    """A local date-time as an expression."""
    return f'({quoted(it.strftime("%Y-%m-%d %H:%M:%S.%f"))} | date-time("YYYY-MM-DD HH:mm:SS.ffffff"))'


def instant(it):
    return f'({quoted(it.strftime("%Y-%m-%d %H:%M:%S.%fZ"))} | date-time("YYYY-MM-DD HH:mm:SS.ffffffZ"))'


def date(it):
    return f'({quoted(it.isoformat())} | date("YYYY-MM-DD"))'


def placed(it, zone, later=None):
    """The point in time of a local one; None where clocks show it twice or never."""
    zone = ZoneInfo(zone)
    early, late = it.replace(tzinfo=zone, fold=0), it.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    if later is None:
        return None
    exists = early.astimezone(dt.timezone.utc).astimezone(zone).replace(tzinfo=None) == it
    if exists:
        return late if later else early
    # In a gap the two offsets give the reading before and the one behind it.
    readings = sorted(x.astimezone(dt.timezone.utc) for x in (early, late))
    return readings[1 if later else 0].astimezone(zone)


def dates():
    pictures = {
        "YYYY-MM-DD": "%Y-%m-%d", "DD.MM.YYYY": "%d.%m.%Y", "YYYYMMDD": "%Y%m%d", "MM/DD/YYYY": "%m/%d/%Y", "YYYYDDD": "%Y%j",
        "YYMMDD": "%y%m%d", "DDMMYY": "%d%m%y",
    }
    for _ in times():
        it = day()
        picture, python = RNG.choice(list(pictures.items()))
        window = ", window: 1970" if "YYYY" not in picture else ""
        written = it.strftime(python)
        case("date", f'{quoted(written)} | date("{picture}"{window})', it.isoformat())
        case("date", f'{date(it)} | date("{picture}"{window})', written, back=True)
        junk = text(8, 8, "0123456789")
        try:
            expected = dt.datetime.strptime(junk, "%Y%m%d").date().isoformat()
        except ValueError:
            expected = "bad DT01"
        if not junk.startswith("0000"):
            case("date", f'{quoted(junk)} | date("YYYYMMDD")', expected)
        case("julian", f"{quoted(it.strftime('%Y%j'))} | julian", it.isoformat())
        case("julian", f'{date(it)} | julian("CYYDDD")', f"{it.year // 100 - 19}{it.strftime('%y%j')}", back=True)
        case("cyymmdd", f"{quoted(str(it.year // 100 - 19) + it.strftime('%y%m%d'))} | cyymmdd", it.isoformat())
        at = moment()
        case("time", f"{quoted(at.strftime('%H%M%S'))} | time(\"HHmmSS\")", at.strftime("%H:%M:%S"))
        case("date-time", f"{quoted(at.strftime('%Y%m%d%H%M%S%f'))} | date-time(\"YYYYMMDDHHmmSSffffff\")", iso(at))
        zone = RNG.choice(ZONES)
        if RNG.random() < 0.3:
            # Near the days when clocks change.
            at = at.replace(month=RNG.choice([2, 3, 4, 10, 11]), day=RNG.randint(1, 28), hour=RNG.randint(0, 3))
        found = placed(at, zone)
        case("at-zone", f'{local(at)} | at-zone("{zone}")', iso(found) if found else "bad DT01")
        later = RNG.choice([False, True])
        found = placed(at, zone, later)
        case("at-zone", f'{local(at)} | at-zone("{zone}", {"later" if later else "earlier"})', iso(found))
        utc = moment().replace(tzinfo=dt.timezone.utc)
        case("offset", f'{instant(utc)} | offset("{zone}")', iso(utc.astimezone(ZoneInfo(zone))))
        case("utc", f'{instant(utc)} | offset("{zone}") | utc', iso(utc.replace(tzinfo=None)) + "Z")
        there = utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        expected = iso(there) if placed(there, zone) else "bad DT01"
        case("at-zone", f'{instant(utc)} | at-zone("{zone}")', expected, back=True)
        millis = utc.replace(microsecond=utc.microsecond // 1000 * 1000)
        count = (millis - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(milliseconds=1)
        case("epoch-millis", f"{count} | epoch-millis", iso(millis))
        case("epoch-millis", f"{instant(millis)} | epoch-millis", str(count), back=True)
        ticks = ((utc - dt.datetime(1900, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(microseconds=1)) << 12
        case("stck", f'"{ticks:016X}" | stck', iso(utc))
        case("stck", f"{instant(utc)} | stck", f"{ticks:016X}", back=True)
        lilian = (it - dt.date(1582, 10, 14)).days
        case("lilian", f"{lilian} | lilian", it.isoformat())
        case("lilian", f"{date(it)} | lilian", str(lilian), back=True)
        n = RNG.randint(-4000, 4000)
        case("add-days", f"add-days({date(it)}, {n})", (it + dt.timedelta(n)).isoformat())
        n = RNG.randint(-300, 300)
        month = it.month - 1 + n
        year, month = it.year + month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1]
        case("add-months", f"add-months({date(it)}, {n})", dt.date(year, month, min(it.day, last)).isoformat())
        stamp = at.strftime("%Y-%m-%d-%H.%M.%S.%f")
        case("db2-timestamp", f"{quoted(stamp)} | db2-timestamp", iso(at.replace(tzinfo=dt.timezone.utc)))
        case("db2-timestamp", f"{instant(at)} | db2-timestamp", stamp, back=True)
        expiry = it.replace(day=calendar.monthrange(it.year, it.month)[1]).replace(year=2000 + it.year % 100)
        expiry = expiry.replace(day=1)
        expiry = expiry.replace(day=calendar.monthrange(expiry.year, expiry.month)[1])
        case("yymm", f"{quoted(expiry.strftime('%y%m'))} | yymm", expiry.isoformat())
        month_day = it.strftime("%m%d")
        candidates = []
        for year in (2025, 2026, 2027):
            try:
                candidates.append(dt.date(year, it.month, it.day))
            except ValueError:
                pass
        near = min(candidates, key=lambda x: abs(x - NOW.date())).isoformat() if candidates else "bad DT01"
        case("mmdd", f"{quoted(month_day)} | mmdd(year-near: today())", near)
        candidates = []
        for year in (2025, 2026, 2027):
            try:
                candidates.append(at.replace(year=year, microsecond=0, tzinfo=dt.timezone.utc))
            except ValueError:
                pass
        near = iso(min(candidates, key=lambda x: abs(x - NOW))) if candidates else "bad DT01"
        short = at.strftime("%m%d%H%M%S")
        case("mmddhhmmss", f'{quoted(short)} | mmddhhmmss(zone: "UTC", year-near: now())', near)
        business = day(2003, 2060)
        n = RNG.randint(1, 30) * RNG.choice([1, -1])
        case("add-business-days", f'add-business-days({date(business)}, {n}, calendar: "TARGET")', added(business, n).isoformat())


def is_open(it):
    a, b, c = it.year % 19, it.year // 100, it.year % 100
    # Easter Sunday by the rule of Gauss in the form of Butcher.
    d, e = b // 4, b % 4
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    l = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * l) // 451
    easter = dt.date(it.year, (h + l - 7 * m + 114) // 31, (h + l - 7 * m + 114) % 31 + 1)
    fixed = (it.month, it.day) in [(1, 1), (5, 1), (12, 25), (12, 26)]
    return it.weekday() < 5 and not fixed and it not in (easter - dt.timedelta(2), easter + dt.timedelta(1))


def added(it, n):
    step = dt.timedelta(1 if n > 0 else -1)
    for _ in range(abs(n)):
        it += step
        while not is_open(it):
            it += step
    return it


# ---- identifiers -----------------------------------------------------------------------------------------------------


def passes(module, it):
    return module.is_valid(it)


def near(it, letters):
    """The same with one character changed, half of the time."""
    if RNG.random() < 0.5:
        return it
    at = RNG.randrange(len(it))
    return it[:at] + RNG.choice(letters) + it[at + 1 :]


def identifiers():
    alnum = string.ascii_uppercase + string.digits
    for _ in times():
        body = text(18, 18, alnum)
        lei = near(body + stdnum.iso7064.mod_97_10.calc_check_digits(body), alnum)
        case("lei", f"{quoted(lei)} | lei", lei if lei[18:].isdigit() and stdnum.lei.is_valid(lei) else "bad FF01")
        body = text(1, 21, alnum)
        check = 98 - int("".join(str(int(c, 36)) for c in body + "RF00")) % 97
        reference = near(f"RF{check:02d}{body}", alnum)
        good = stdnum.iso11649.is_valid(reference) and reference[2:4].isdigit()
        case("creditor-reference", f"{quoted(reference)} | creditor-reference", reference if good else "bad FF01")
        country = RNG.choice(["DE", "FR", "ES", "NL", "AT", "IT"])
        national, business = text(11, 11, alnum), text(3, 3, alnum)
        check = stdnum.eu.at_02.calc_check_digits(f"{country}00{business}{national}")
        creditor = f"{country}{check}{business}{national}"
        if RNG.random() < 0.5:
            at = RNG.randrange(2, len(creditor))
            creditor = creditor[:at] + RNG.choice(string.digits) + creditor[at + 1 :]
        good = stdnum.eu.at_02.is_valid(creditor) and creditor[2:4].isdigit()
        case("creditor-id", f"{quoted(creditor)} | creditor-id", creditor if good else "bad FF01")
        body = text(8, 8, string.digits)
        aba = near(body + stdnum.us.rtn.calc_check_digit(body), string.digits)
        case("aba", f"{quoted(aba)} | aba", aba if stdnum.us.rtn.is_valid(aba) else "bad FF01")
        body = text(3, 18, string.digits)
        luhn = near(body + stdnum.luhn.calc_check_digit(body), string.digits)
        good = stdnum.luhn.is_valid(luhn)
        case("luhn", f"{quoted(luhn)} | luhn", luhn if good else "bad FF01")
        case("pan", f"{quoted(luhn)} | pan", luhn if good and 12 <= len(luhn) <= 19 else "bad FF01")
        shown = luhn[:6] + "*" * (len(luhn) - 10) + luhn[-4:] if len(luhn) > 10 else "*" * len(luhn)
        case("mask", f"{quoted(luhn)} | mask", shown)
        body = text(3, 20, alnum)
        mod97 = near(body + stdnum.iso7064.mod_97_10.calc_check_digits(body), alnum)
        case("mod97", f"{quoted(mod97)} | mod97", mod97 if stdnum.iso7064.mod_97_10.is_valid(mod97) else "bad FF01")
        body = text(9, 9, string.digits)
        isbn = near(body + stdnum.isbn._calc_isbn10_check_digit(body), string.digits)
        good = stdnum.isbn._calc_isbn10_check_digit(isbn[:-1]) == isbn[-1]
        case("mod11", f"{quoted(isbn)} | mod11(10, 9, 8, 7, 6, 5, 4, 3, 2)", isbn if good else "bad FF01")
        systems = {
            "be-nn": (stdnum.be.nn, 11), "de-idnr": (stdnum.de.idnr, 11), "fr-siren": (stdnum.fr.siren, 9),
            "fr-siret": (stdnum.fr.siret, 14), "nl-bsn": (stdnum.nl.bsn, 9), "no-orgnr": (stdnum.no.orgnr, 9),
            "pl-pesel": (stdnum.pl.pesel, 11), "se-orgnr": (stdnum.se.orgnr, 10),
        }
        name = RNG.choice(list(systems))
        module, length = systems[name]
        # One of each ten last digits is right.
        stem = text(length - 1, length - 1, string.digits)
        if name == "pl-pesel":
            stem = day(1950, 1999).strftime("%y%m%d") + stem[6:]
        if name == "be-nn":
            birth = day(1950, 1999).strftime("%y%m%d") + f"{RNG.randint(1, 997):03d}"
            stem = birth + f"{97 - int(birth) % 97:02d}"[:1]
        for last in string.digits:
            it = stem + last
            if name == "nl-bsn" and it.startswith("0000"):
                continue
            case("national-id", f"{quoted(it)} | national-id({name})", it if passes(module, it) else "bad FF01")
        dni = text(8, 8, string.digits) + RNG.choice(string.ascii_uppercase)
        case("national-id", f"{quoted(dni)} | national-id(es-dni)", dni if passes(stdnum.es.dni, dni) else "bad FF01")
        made = uuid.UUID(int=RNG.getrandbits(128))
        case("uuid-compact", f"{quoted(str(made).upper())} | uuid-compact", made.hex)
        case("uuid-dashed", f"{quoted(made.hex)} | uuid-dashed", str(made))
        random_one = uuid.UUID(int=RNG.getrandbits(128), version=RNG.choice([1, 4, 4]))
        good = random_one.version == 4
        case("uetr", f"{quoted(str(random_one))} | uetr", str(random_one) if good else "bad FF01")
        sort = text(6, 6, string.digits)
        case("sort-code", f'"{sort[:2]}-{sort[2:4]}-{sort[4:]}" | sort-code', sort)


def accounts():
    kinds = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits}
    national = ["BA", "BE", "ES", "FR", "IT", "MC", "ME", "MK", "NO", "PT", "RS", "SI", "SM"]
    for country, length, structure, bank, branch, account, check, *_ in tables("iban.tsv"):
        layout = "".join(kind * int(count) for count, kind in re.findall(r"(\d+)!?([nac])", structure))
        for _ in range(max(2, COUNT // 20)):
            bban = [RNG.choice(kinds[kind]) for kind in layout]
            if check:
                continue
            digits = 98 - int("".join(str(int(c, 36)) for c in "".join(bban) + country + "00")) % 97
            iban = f"{country}{digits:02d}{''.join(bban)}"
            bad = near(iban, string.digits)
            good = bad[2:4].isdigit() and int("".join(str(int(c, 36)) for c in bad[4:] + bad[:4])) % 97 == 1
            shape = all(c in kinds[k] for c, k in zip(bad[4:], layout)) or all(
                c.isdigit() if k == "n" else c.isalpha() if k == "a" else c.isalnum() for c, k in zip(bad[4:], layout))
            if bad[:2] == country:
                case("iban", f"{quoted(bad.lower())} | iban", bad if good and shape else "bad AC01")
            spans = [span for span in (bank, branch, account) if span]
            covered = sum(int(s.split("-")[1]) - int(s.split("-")[0]) + 1 for s in spans)
            if covered == len(layout) and bank and account:
                cut = lambda span: iban[int(span.split("-")[0]) - 1 : int(span.split("-")[1])]
                extra = f", branch: {quoted(cut(branch))}" if branch else ""
                short = cut(account).lstrip("0") or "0"
                case("iban-from", f"iban-from({quoted(country)}, {quoted(cut(bank))}, {quoted(short)}{extra})", iban)
                case("iban-bank", f"{quoted(iban)} | iban-bank", cut(bank))
                case("iban-account", f"{quoted(iban)} | iban-account", cut(account))
        if schwifty and country in national and bank and account:
            for _ in range(max(2, COUNT // 20)):
                size = lambda span: int(span.split("-")[1]) - int(span.split("-")[0]) + 1 if span else 0
                kind = lambda span: layout[int(span.split("-")[0]) - 5]
                made = {k: text(size(s), size(s), kinds[kind(s)]) if s else "" for k, s in [("b", bank), ("r", branch), ("a", account)]}
                try:
                    expected = str(schwifty.IBAN.generate(country, made["b"], made["a"], made["r"]))
                except Exception:
                    continue
                extra = f", branch: {quoted(made['r'])}" if branch else ""
                case("iban-from", f"iban-from({quoted(country)}, {quoted(made['b'])}, {quoted(made['a'])}{extra})", expected)


def garbage():
    """Nothing may panic: every adapter of a text gets texts that mean nothing."""
    adapters = [
        "decimal", "integer", "implied(2)", "overpunch(2)", "sign-trailing", "sign-separate(1)", 'minor-units("EUR")', "hex",
        "base64", 'date("DD.MM.YY", window: 1970)', 'time("HHmmSS")', 'date-time("YYYYMMDDHHmmSSZ")', "julian", "cyymmdd",
        "db2-timestamp", "stck", 'mmddhhmmss(zone: "UTC", year-near: now())', "mmdd(year-near: today())", "yymm", "iban", "bic",
        "iban-bank", "lei", "creditor-reference", "creditor-id", "aba", "sort-code", "luhn", "mod97", "mod11(3, 2)", "pan", "mask",
        "uetr", "uuid-compact", "uuid-dashed", "country", "language", "currency-numeric", "currency-alpha", "mti(reply)",
        'yes-no("Y", "N")', "national-id(be-nn)", "national-id(de-idnr)", "national-id(es-dni)", "national-id(fr-siret)",
        'transliterate("epc217-08")', "split(\"-\")", "wrap(3)", "squeeze", "keep(alnum)", "bic11", "cut(2) mark \"+\"",
    ]
    letters = "09AZaz{}JRX-+. :/äß漢\u0301\U0001F600"
    for _ in times():
        it = text(0, RNG.choice([3, 12, 40]), letters)
        case("garbage", f"{quoted(it)} | {RNG.choice(adapters)}", None)


def main():
    for make in (texts, numbers, currencies, dates, identifiers, accounts, garbage):
        if make.__name__ in ONLY:
            make()
    lines = "\n".join(expression for _, expression, _ in CASES) + "\n"
    run = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True, encoding="utf-8")
    given = run.stdout.split("\n")
    if run.returncode != 0:
        print(f"functions: it ended with {run.returncode} at: {CASES[len(given) - 1][1]}\n{run.stderr}")
        return 1
    counts, wrong = {}, {}
    for (name, expression, expected), found in zip(CASES, given):
        counts[name] = counts.get(name, 0) + 1
        is_right = not found.startswith("error") if expected is None else found == expected
        if not is_right:
            wrong.setdefault(name, []).append((expression, expected, found))
    for name in counts:
        bad = wrong.get(name, [])
        print(f"{name:20} {counts[name]:7} compared  {len(bad)} differ")
        for expression, expected, found in bad[:4]:
            print(f"    {expression!r}\n      expected {expected!r}\n      found    {found!r}")
    total = sum(map(len, wrong.values()))
    print(f"{sum(counts.values())} values of {len(counts)} functions, {total} differ" + ("" if schwifty else "; schwifty is not here"))
    return 1 if total else 0


sys.exit(main())
