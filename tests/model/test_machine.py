"""What a machine's namespaces share."""

import pytest

from lastack.errors import InputError
from lastack.model.machine import file_use, machine
from lastack.model.sample import Conntrack, OpenFiles
from tests.model.samples import sample

HOST: dict[str, str | None] = {
    "net.core.netdev_max_backlog": "1000",
    "net.ipv4.tcp_max_orphans": "65536",
    "net.ipv4.tcp_mem": "91008 121347 182016",
}


def test_the_first_namespace_shows_the_limits() -> None:
    """And the key that no other has tells that it is the first."""
    sockstat = {"TCP": {"inuse": 4, "orphan": 7, "tw": 0, "alloc": 9, "mem": 400}}
    seen = machine(sample(settings=HOST, sockstat=sockstat, conntrack=Conntrack(count=3, max=262_144)))
    assert seen.first_namespace
    assert (seen.orphans, seen.orphan_limit, seen.memory_pages) == (7, 65_536, 400)
    assert seen.memory_marks == (91_008, 121_347, 182_016)
    assert (seen.tracked, seen.track_limit) == (3, 262_144)


def test_others_show_the_numbers_without_their_limits() -> None:
    """Absent is None."""
    seen = machine(sample(sockstat={"TCP": {"orphan": 7, "mem": 400}}))
    assert (seen.first_namespace, seen.orphans, seen.orphan_limit) == (False, 7, None)
    assert (seen.memory_pages, seen.memory_marks, seen.tracked) == (400, None, None)


@pytest.mark.parametrize(("text", "buckets"), [("-262144", 262_144), ("1024", 1024), (None, None)])
def test_a_shared_table_has_a_minus_sign(text: str | None, buckets: int | None) -> None:
    """As tcp_ehash_entries prints it."""
    assert machine(sample(settings={"net.ipv4.tcp_ehash_entries": text})).buckets == buckets


@pytest.mark.parametrize("text", ["", "1 2", "1 2 3 4", "a b c"])
def test_marks_that_no_kernel_prints(text: str) -> None:
    """Are named."""
    with pytest.raises(InputError, match="tcp_mem is"):
        machine(sample(settings={"net.ipv4.tcp_mem": text}))


def use(process: str, count: int, limit: int = 1024) -> OpenFiles:
    """A process's files."""
    return OpenFiles(process=process, open=count, limit=limit)


def test_growth_by_process() -> None:
    """100 more in ten seconds, 124 left: 12.4 s."""
    found = file_use([use("a/1", 900), use("b/2", 1000, 100_000)], [use("a/1", 800), use("c/3", 5)], 10.0)
    assert found is not None
    assert [(one.process, one.growth_per_s, one.exhausted_in_s) for one in found] == [
        ("a/1", 10.0, 12.4),
        ("b/2", None, None),
    ]


@pytest.mark.parametrize(("count", "left"), [(1024, 0.0), (1500, 0.0), (1023, None)])
def test_at_its_limit(count: int, left: float | None) -> None:
    """Reached, or beyond it where the limit was lowered since; steady is no trend."""
    found = file_use([use("a/1", count)], [use("a/1", count)], 10.0)
    assert found is not None
    assert found[0].exhausted_in_s == left


def test_not_visible_is_none() -> None:
    """Not an empty list."""
    assert file_use(None, None, 0.0) is None
    assert file_use([], None, 0.0) == []
