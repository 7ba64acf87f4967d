"""The running kernel has, takes and refuses what the catalogue says; no key of its folders is unheard of."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from lastack.settings.catalogue.neighbours import FOLDERS, NEIGHBOURS
from lastack.settings.catalogue.row import Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.release import parse_release
from tests.kernel.private import run_private, unavailable

RELEASE = parse_release(os.uname().release)
INT_MAX = 2**31 - 1
TICKS = (100, 250, 300, 1000)  # CONFIG_HZ

# Keys that a kernel may lack by its configuration, by what must be loaded or built in.
OPTIONAL = {key: "nf_conntrack" for key in SETTINGS if ".nf_conntrack" in key} | {
    "net.ipv4.tcp_syncookies": "CONFIG_SYN_COOKIES"
}

# What must be set before the ends of a range can be reached: these two hold each other.
BEFORE = {
    "net.ipv4.ip_local_port_range": {"net.ipv4.ip_unprivileged_port_start": "0"},
    "net.ipv4.ip_unprivileged_port_start": {"net.ipv4.ip_local_port_range": "65535 65535"},
}

Trial = tuple[str, str]


def path_of(key: str) -> Path:
    """Where a key's file is."""
    return Path("/proc/sys", *key.split("."))


def write(key: str, value: str) -> bool:
    """Whether the kernel takes the value."""
    try:
        descriptor = os.open(path_of(key), os.O_WRONLY)
    except OSError:
        return False
    try:
        os.write(descriptor, f"{value}\n".encode("ascii"))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def attempt(trials: Iterable[Trial]) -> dict[Trial, bool]:
    """Write each value, the key's neighbours set before it so that they do not stand in the way."""
    return {(key, value): _attempt(key, value) for key, value in trials}


def _attempt(key: str, value: str) -> bool:
    for other, needed in BEFORE.get(key, {}).items():
        write(other, needed)
    taken = write(key, value)
    write("net.ipv4.ip_unprivileged_port_start", "1024")
    write("net.ipv4.ip_local_port_range", "32768 60999")
    return taken


def look(keys: Iterable[str]) -> dict[str, tuple[bool, bool]]:
    """Of each key: whether it is there, and whether its mode allows to write it."""
    found = {}
    for key in keys:
        path = path_of(key)
        found[key] = (path.exists(), path.exists() and bool(path.stat().st_mode & 0o200))
    return found


def names(folders: Iterable[str]) -> set[str]:
    """The keys in some folders, without what lies deeper."""
    return {
        f"{folder}.{path.name}"
        for folder in folders
        if path_of(folder).is_dir()
        for path in path_of(folder).iterdir()
        if path.is_file()
    }


def spread(row: Setting, number: int) -> str:
    """A value of the setting that has the number in its place and is right otherwise."""
    if row.key == "net.ipv4.ip_local_port_range":
        return f"{number} 65535" if number < 1000 else f"1 {number}"
    return " ".join([str(number)] * row.arity)


BOUNDED = {
    key: row
    for key, row in SETTINGS.items()
    if row.accepts and row.form == "number" and row.namespaced and row.in_release(RELEASE)
}
TIMED = {key: row for key, row in SETTINGS.items() if row.form == "seconds" and row.in_release(RELEASE)}


@pytest.fixture(scope="module")
def presence() -> dict[str, tuple[bool, bool]]:
    """What a private namespace has."""
    return run_private(look, list(SETTINGS))


@pytest.fixture(scope="module")
def taken() -> dict[Trial, bool]:
    """What the kernel takes: the ends of each range, and one beyond."""
    trials = [
        (key, spread(row, number))
        for key, row in BOUNDED.items()
        if (accepted := row.range_in(RELEASE))
        for number in (accepted.low, accepted.low - 1, accepted.high, accepted.high + 1)
    ]
    trials += [
        (key, str(sign * (INT_MAX // ticks + beyond)))
        for key in TIMED
        for ticks in TICKS
        for sign in (1, -1)
        for beyond in (0, 1)
    ]
    return run_private(attempt, trials)


@pytest.mark.parametrize("key", SETTINGS)
def test_a_key_is_there_as_its_row_says(key: str, presence: dict[str, tuple[bool, bool]]) -> None:
    """In a private namespace: its own settings can be written, the machine's cannot, and what is gone is gone."""
    row, (there, writable) = SETTINGS[key], presence[key]
    if not there and row.namespaced and key in OPTIONAL:
        unavailable(f"this kernel has no {OPTIONAL[key]}")
    owned = bool(row.namespaced) and row.in_release(RELEASE)
    assert there or not owned
    if key.startswith("net."):
        assert writable == (owned and not row.read_only)


@pytest.mark.parametrize("key", BOUNDED)
def test_ends_are_taken_and_one_beyond_is_refused(key: str, taken: dict[Trial, bool]) -> None:
    """The kernel's own range is the row's."""
    row = BOUNDED[key]
    accepted = row.range_in(RELEASE)
    assert accepted is not None
    seen = {
        number: taken[key, spread(row, number)]
        for number in (accepted.low - 1, accepted.low, accepted.high, accepted.high + 1)
    }
    if key in OPTIONAL and not any(seen.values()):
        unavailable(f"this kernel has no {OPTIONAL[key]}")
    assert list(seen.values()) == [False, True, True, False], seen


@pytest.mark.parametrize("key", TIMED)
def test_seconds_end_where_jiffies_leave_an_int(key: str, taken: dict[Trial, bool]) -> None:
    """The limit is that of an int divided by the kernel's tick rate, which the row's limit allows for."""
    row = TIMED[key]
    accepted = row.range_in(RELEASE)
    assert accepted is not None
    limits = [INT_MAX // ticks for ticks in TICKS if taken[key, str(INT_MAX // ticks)]]
    if key in OPTIONAL and not limits:
        unavailable(f"this kernel has no {OPTIONAL[key]}")
    largest = max(limits)
    assert not taken[key, str(largest + 1)]
    assert taken[key, str(-largest)]
    assert not taken[key, str(-largest - 1)]
    assert largest <= accepted.high


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_key_of_the_folder_is_known(folder: str) -> None:
    """Each key that the kernel has there is in the catalogue, or stands beside it with the reason why it is not."""
    here, private = names([folder]), run_private(names, [folder])
    assert here | private <= SETTINGS.keys() | NEIGHBOURS.keys()


def test_every_omission_has_its_reason() -> None:
    """A key that is left out says what it bears on instead."""
    assert all(row.about for row in NEIGHBOURS.values())
