"""Values are what the kernel reads."""

from collections.abc import Iterable

import pytest

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.values import Bad, numbers, octal, plain, ports
from tests.kernel.private import run_private
from tests.settings.catalogue.test_live_kernel import path_of, write

WORDS = (
    "1", "1 # c", "1#c", "0x10", "010", "08", "+1", "-1", "1,2", "1k", "1.5", "", " ", "1 2", "1\t2", '"1"', "  7  ",
    "1;", "0b1", "2147483647", "true", "1 x", "-0x10", "0x", "--1", "- 1", "00", "0", "4096 87380 6291456",
    "4096 87380 6291456 x", "4096 x", "1 2 3 4",
)  # fmt: skip
LISTS = ("", "1", "1,2", "1, 2", "1 2", "8080,9148-9150", "9-8", "70000", "65535", "8080,", ",8080", "0", "010", "1-")


def read_back(key: str, values: Iterable[str]) -> dict[str, str | None]:
    """What the kernel makes of each value; None where it refuses it."""
    return {value: path_of(key).read_text("ascii").strip() if write(key, value) else None for value in values}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("key", ["net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_rmem"])
def test_numbers_are_read_as_the_kernel_reads_them(
    key: str, word: str, kernel: dict[str, dict[str, str | None]]
) -> None:
    """Bases, signs, spaces and what follows the last number: refused alike, or read back as the same number."""
    row, seen = SETTINGS[key], kernel[key][word]
    read = numbers(word, row.arity)
    in_range = not isinstance(read, Bad) and (row.arity == 1 or all(number >= 1 for number in read))
    assert in_range == (seen is not None)
    if seen is not None:
        assert seen.split()[: len(plain(row, word).split())] == plain(row, word).split()


@pytest.mark.parametrize("text", LISTS)
def test_ports_are_read_as_the_kernel_reads_them(text: str, kernel: dict[str, dict[str, str | None]]) -> None:
    """Lists and ranges: refused alike, or the same ports."""
    seen, read = kernel["net.ipv4.ip_local_reserved_ports"][text], ports(text)
    assert isinstance(read, Bad) == (seen is None)
    if not isinstance(read, Bad):
        assert members(read) == members(ports(seen or ""))


def members(ranges: Bad | tuple[tuple[int, int], ...]) -> set[int]:
    """The ports of some ranges."""
    assert not isinstance(ranges, Bad)
    return {port for low, high in ranges for port in range(low, high + 1)}


@pytest.fixture(scope="module")
def kernel() -> dict[str, dict[str, str | None]]:
    """What the running kernel makes of the words, by setting."""
    keys = {
        "net.ipv4.tcp_max_syn_backlog": WORDS,
        "net.ipv4.tcp_rmem": WORDS,
        "net.ipv4.ip_local_reserved_ports": LISTS,
    }
    return {key: run_private(read_back, key, values) for key, values in keys.items()}


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ('"1"', "1"),
        ("'1'", "1"),
        ("yes", "1"),
        ("Off", "0"),
        ("5,000", "5000"),
        ("8192;", "8192"),
        ("=1", "1"),
        ("64k", "65536"),
        ("1M", "1048576"),
        ("30# seconds", "30"),
        ("many", None),
        ("1.5", None),
    ],
)
def test_what_people_write_instead_of_a_number_is_understood(text: str, better: str | None) -> None:
    """Quotes, words, thousands and suffixes are refused, with the number that was meant."""
    read = numbers(text)
    assert isinstance(read, Bad)
    assert read.better == better


def test_lists_are_understood_too() -> None:
    """Ports apart by spaces, and ends of a range joined by a dash or comma."""
    for text in ("8080 9000", "8080, 9000", "8080;9000"):
        read = ports(text)
        assert isinstance(read, Bad)
        assert read.better == "8080,9000"
    span = numbers("1024-65000", 2)
    assert isinstance(span, Bad)
    assert span.better == "1024 65000"


def test_a_leading_zero_is_seen() -> None:
    """Only where it changes the number: 0 and 0x10 are meant so."""
    assert octal("010")
    assert octal("1024 065000")
    assert not octal("0")
    assert not octal("0x10")
    assert not octal("-1")
