"""Files that other projects publish, against the results that they state."""

import json
import re
from collections import Counter
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest

from lastack.errors import InputError
from lastack.model.census import SocketRow
from lastack.text.read import Reading, read

CASES = Path(__file__).parents[3] / "shared" / "cases"
JC = CASES / "jc"

# The words of the tools for our names; no word where a table has no such column.
STATES = {"ESTAB": "ESTABLISHED", "LISTENING": "LISTEN", "0A": "LISTEN", "06": "TIME_WAIT", "null": "UNKNOWN"}
NO_SOCKETS = re.compile(r"netstat-(i|ib|r|rne|rnee)\.out|sysctl-a\.out")

needs_cases = pytest.mark.skipif(not JC.is_dir(), reason=f"{CASES} is not here")


def read_file(path: Path) -> list[SocketRow]:
    """Its sockets."""
    with path.open("rb") as stream:
        reading = read(stream, name=path.name)
        assert isinstance(reading, Reading)
        return list(reading)


def expected_counts() -> list[Any]:
    """The table of jc's outputs with their sockets per state."""
    if not JC.is_dir():
        return [pytest.param("", "{}", id="missing")]
    table = (JC / "EXPECTED_COUNTS.tsv").read_text().splitlines()[1:]
    lines = [line.split("\t") for line in table]
    names = [(name.removeprefix("jc/tests/"), states) for name, _, states in lines]
    return [pytest.param(name, states, id=name.removeprefix("fixtures/")) for name, states in names]


def as_saved(path: Path) -> Path:
    """The output that a JSON file was made from."""
    return next(saved for saved in (path.with_suffix(".out"), path.with_suffix("")) if saved.exists())


@needs_cases
@pytest.mark.parametrize(("name", "states"), expected_counts())
def test_states_are_counted_as_stated(name: str, states: str) -> None:
    """Sockets per state, of Linux, FreeBSD and Windows."""
    counts = Counter(row.state for row in read_file(as_saved(JC / name)))
    assert counts == {STATES.get(word, word): count for word, count in json.loads(states).items()}


def endpoint(item: dict[str, Any], end: str) -> tuple[str, int | None]:
    """An end of a socket as jc has it."""
    address = str(item[f"{end}_address"]).strip("[]").partition("%")[0]
    port = str(item[f"{end}_port"])
    return address, int(port) if port.isdecimal() else 0 if port == "*" else None


@needs_cases
@pytest.mark.parametrize(("name", "states"), expected_counts())
def test_rows_are_as_stated(name: str, states: str) -> None:
    """Addresses, ports and processes, row by row."""
    items = [item for item in json.loads((JC / name).read_text()) if is_tcp(item)]
    rows = read_file(as_saved(JC / name))
    assert len(rows) == sum(json.loads(states).values())
    for row, item in zip(rows, items, strict=True):
        assert (row.local, row.local_port) == endpoint(item, "local")
        far = next(end for end in ("foreign", "peer", "remote") if f"{end}_address" in item)
        assert (row.remote, row.remote_port) == endpoint(item, far)
        known = f"{item['program_name']}/{item['pid']}" if item.get("program_name") and item.get("pid") else None
        assert row.process == known


def is_tcp(item: dict[str, Any]) -> bool:
    """Whether jc has it as a TCP socket."""
    protocol = item.get("transport_protocol") or item.get("netid") or item.get("proto")
    return str(protocol).lower() == "tcp" or "tx_queue" in item


@needs_cases
def test_nothing_else_is_taken_for_a_census() -> None:
    """Interfaces, routes and settings are refused; a list of UDP sockets has no TCP sockets."""
    others = [path for path in JC.rglob("*.out") if NO_SOCKETS.fullmatch(path.name)]
    assert len(others) > 10
    for path in others:
        with pytest.raises(InputError, match=rf"^{path.name}: line 1: ") as error:
            read_file(path)
        assert error.value.slug == "not-a-census"
    assert read_file(JC / "fixtures/generic/netstat-no-state.out") == []


@needs_cases
@pytest.mark.parametrize("name", ["procfs/proc/tcp", "procfs/proc/tcp6", "jc/fixtures/linux-proc/net_tcp6"])
def test_proc_rows_are_decoded(name: str) -> None:
    """Each field, by hand: addresses are 32-bit words that a little-endian machine turned around."""
    names = {"01": "ESTABLISHED", "06": "TIME_WAIT", "07": "CLOSE", "0A": "LISTEN"}
    lines = (CASES / name).read_text().splitlines()[1:]
    for row, words in zip(read_file(CASES / name), map(str.split, lines), strict=True):
        assert (row.local, row.local_port) == by_hand(words[1])
        assert (row.remote, row.remote_port) == by_hand(words[2])
        assert (row.state, row.family) == (names[words[3]], 4 if len(words[1]) == 13 else 6)
        assert row.uid == (None if words[9] == "0" else int(words[7]))
        seconds_left = int(words[5][3:], 16) / 100
        assert row.close_age_s == (int(60 - seconds_left) if words[3] == "06" else None)


def by_hand(text: str) -> tuple[str, int]:
    """Address and port of /proc/net/tcp."""
    digits, port = text.split(":")
    words = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    address = IPv4Address(words[0]) if len(words) == 1 else IPv6Address(b"".join(words))
    return str(address), int(port, 16)
