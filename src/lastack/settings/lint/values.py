"""Values as the kernel reads them (kernel/sysctl.c proc_get_long(), do_proc_dointvec(), proc_do_large_bitmap()).

A number may have a minus sign; ``0x`` makes it hexadecimal and a leading zero octal. It ends at a space, and what
follows the last number that the file holds is not looked at: ``30 # seconds`` is 30. Of a file that holds several
numbers fewer may be written; the others keep their value.
"""

import re
from typing import NamedTuple

from lastack.settings.catalogue.row import Setting

__all__ = ["Bad", "Numbers", "Ports", "fault", "numbers", "octal", "plain", "ports"]

Numbers = tuple[int, ...]
Ports = tuple[tuple[int, int], ...]

_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,24}|[1-9][0-9]{0,20})(?![^ \t])")
_GAP = re.compile(r"[ \t]*")
_WORD = re.compile(r"[^ \t]+")
_QUOTED = re.compile(r"""(["'`])(.*)\1""")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[,_'][0-9]{3}){1,6}")
_SUFFIXED = re.compile(r"([0-9]{1,12})\s?([kKmMgG])(?:i?[bB])?")
_FACTORS = {"k": 2**10, "m": 2**20, "g": 2**30}
_WORDS = {"true": "1", "yes": "1", "on": "1", "enabled": "1", "false": "0", "no": "0", "off": "0", "disabled": "0"}
_PORT = re.compile(r"0[0-7]{0,6}|[1-9][0-9]{0,5}")
_LAST_PORT = 65_535
_SHOWN = 40  # characters of a bad value that a message repeats


class Bad(NamedTuple):
    """A value that the kernel refuses before it compares it with any range.

    Attributes:
        problem: a clause.
        better: what was meant, where that is plain.
    """

    problem: str
    better: str | None = None


def numbers(text: str, count: int = 1) -> Numbers | Bad:
    """Up to ``count`` numbers.

    >>> numbers("30 # seconds"), numbers("010"), numbers("4096 87380", 3)
    ((30,), (8,), (4096, 87380))
    """
    found: list[int] = []
    position = _skip(text, 0)
    while len(found) < count and position < len(text):
        match = _NUMBER.match(text, position)
        if match is None:
            return _no_number(text, position, count)
        found.append(_integer(match[0]))
        position = _skip(text, match.end())
    return tuple(found) or Bad("it has no value, and the kernel refuses that")


def ports(text: str) -> Ports | Bad:
    """A list of ports and ranges, each as a range; an empty list is one too.

    >>> ports("8080,9148-9150")
    ((8080, 8080), (9148, 9150))
    """
    found = _ports(text)
    return found._replace(better=_meant_ports(text)) if isinstance(found, Bad) else found


def _ports(text: str) -> Ports | Bad:
    found = []
    for item in text.removesuffix(",").split(",") if text else ():
        first, dash, last = item.partition("-")
        ends = [first, last if dash else first]
        if not all(map(_PORT.fullmatch, ends)):
            return Bad(f"{_shown(item)} is no port or range of ports to the kernel")
        low, high = map(_integer, ends)
        if not low <= high <= _LAST_PORT:
            return Bad(f"{item} is no range of ports: the lower end comes first, and {_LAST_PORT} is the last port")
        found.append((low, high))
    return tuple(found)


def fault(row: Setting, text: str) -> Bad | None:
    """What is wrong with a value for that setting, its range aside."""
    if row.form == "text":
        return None
    value = ports(text) if row.form == "ports" else numbers(text, row.arity)
    return value if isinstance(value, Bad) else None


def plain(row: Setting, text: str) -> str:
    """The value as the kernel prints it, with one space between numbers; a bad one as it stands."""
    if row.form == "ports":
        ranges = ports(text)
        if isinstance(ranges, Bad):
            return text
        return ",".join(f"{low}-{high}" if low < high else f"{low}" for low, high in ranges)
    value = Bad("") if row.form == "text" else numbers(text, row.arity)
    words = text.replace("\t", " ").split(" ") if isinstance(value, Bad) else map(str, value)
    return " ".join(filter(None, words))


def octal(text: str) -> bool:
    """Whether some number of a good value is octal for a leading zero that was hardly meant so."""
    return any(len(word) > 1 and word[0] == "0" and word.isdigit() for word in text.replace("-", " ").split())


def _skip(text: str, position: int) -> int:
    match = _GAP.match(text, position)
    return match.end() if match else position


def _end(text: str, position: int) -> int:
    match = _WORD.match(text, position)
    return match.end() if match else position


def _integer(text: str) -> int:
    digits = text.lstrip("-")
    base = 16 if digits[:2] in {"0x", "0X"} else 8 if digits[0] == "0" else 10
    return -int(digits, base) if text[0] == "-" else int(digits, base)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _no_number(text: str, position: int, count: int) -> Bad:
    problem = f"{_shown(text[position : _end(text, position)])} is no number to the kernel, which refuses the value"
    return Bad(problem, _meant(text.strip()) if count == 1 else _meant_list(text, count))


def _meant(text: str) -> str | None:
    """One number, out of what people write instead."""
    text = text.partition("#")[0].partition(";")[0].strip().lstrip("=+ ")
    quoted = _QUOTED.fullmatch(text)
    text = quoted[2].strip() if quoted else text
    if _NUMBER.fullmatch(text):
        return text
    if _GROUPED.fullmatch(text):
        return re.sub("[,_']", "", text)
    suffixed = _SUFFIXED.fullmatch(text)
    return str(int(suffixed[1]) * _FACTORS[suffixed[2].lower()]) if suffixed else _WORDS.get(text.lower())


def _meant_list(text: str, count: int) -> str | None:
    words = re.split(r"[\s,;:\"'-]+", text.strip("\"' "))
    return " ".join(words) if len(words) == count and all(map(_NUMBER.fullmatch, words)) else None


def _meant_ports(text: str) -> str | None:
    better = ",".join(re.split(r"[\s,;]+", text.strip("\"' \t,;")))
    return better if re.fullmatch(r"[0-9,-]{1,200}", better) and not isinstance(_ports(better), Bad) else None
