"""The state machine of a change, and how a setting stands towards it."""

import pytest
from msgspec.structs import replace

from lastack.errors import InputError
from lastack.tune.change import Change, Standing, State
from lastack.tune.record import Applied, Confirmed, Item, Persisted, Persisting, Record, Undoing, Undone, Wrote
from tests.tune.test_record import AT, BEGUN, BY

PLAIN = replace(BEGUN, deadline=None)
WROTE = Wrote(item=0, now="30")
APPLIED = Applied(at=AT)
CONFIRMED = Confirmed(at=AT, by=BY)
PERSISTING = Persisting(at=AT, path="/etc/x", lines=[])
PERSISTED = Persisted(at=AT)
UNDOING = Undoing(at=AT, by=BY, why="asked for")
UNDONE = Undone(at=AT)


@pytest.mark.parametrize(
    ("records", "states"),
    [
        ([PLAIN, WROTE, APPLIED, UNDOING, UNDONE], ["applying", "applying", "kept", "undoing", "undone"]),
        ([BEGUN, WROTE, APPLIED, CONFIRMED], ["applying", "applying", "waiting", "kept"]),
        ([BEGUN, WROTE, APPLIED, UNDOING, UNDONE], ["applying", "applying", "waiting", "undoing", "undone"]),
        (
            [replace(PLAIN, persist=True), WROTE, APPLIED, PERSISTING, PERSISTED],
            ["applying", "applying", "applying", "applying", "kept"],
        ),
        (
            [replace(BEGUN, persist=True), WROTE, APPLIED, CONFIRMED, PERSISTING, PERSISTED],
            ["applying", "applying", "waiting", "kept", "kept", "kept"],
        ),
        ([PLAIN, WROTE, UNDOING, UNDONE], ["applying", "applying", "undoing", "undone"]),
    ],
)
def test_each_record_leads_to_its_state(records: list[Record], states: list[State]) -> None:
    """As in the table that opens the module."""
    assert [Change(records[:length], "j").state("b") for length in range(1, len(records) + 1)] == states


def test_a_reboot_ends_what_is_not_persisted() -> None:
    """The kernel forgets settings; a file in sysctl.d it does not forget."""
    assert Change([PLAIN, APPLIED], "j").state("another boot") == "rebooted"
    assert Change([BEGUN, APPLIED], "j").state("another boot") == "rebooted"
    assert Change([PLAIN], "j").state("another boot") == "rebooted"
    kept: list[Record] = [replace(PLAIN, persist=True), APPLIED, PERSISTING, PERSISTED]
    assert Change(kept, "j").state("another boot") == "kept"
    assert Change(kept[:3], "j").state("another boot") == "applying"


@pytest.mark.parametrize(
    ("records", "now", "standing"),
    [
        ([BEGUN, WROTE, APPLIED], "60", "before"),
        ([BEGUN, WROTE, APPLIED], "30", "ours"),
        ([BEGUN, WROTE, APPLIED], "31", "foreign"),
        ([BEGUN], "60", "before"),
        ([BEGUN], "30", "ours"),
        ([BEGUN], "31", "ours"),
        ([BEGUN, Wrote(item=0, now="32"), APPLIED], "32", "ours"),
        ([BEGUN, Wrote(item=0, now="32"), APPLIED], "30", "foreign"),
    ],
)
def test_what_the_change_did_not_make_is_foreign(records: list[Record], now: str, standing: Standing) -> None:
    """But for the one setting that was being written when the writer died: what the kernel made of it is unknown."""
    assert Change(records, "j").standing(0, now) == standing


def test_only_one_setting_is_in_doubt() -> None:
    """The first that was not recorded; those after it were not reached."""
    items = [Item(key=f"net.ipv4.{name}", before="1", wanted="2") for name in ("a", "b", "c")]
    change = Change([replace(PLAIN, items=items), Wrote(item=0, now="2")], "j")
    assert [change.standing(index, "3") for index in range(3)] == ["foreign", "ours", "foreign"]


@pytest.mark.parametrize("records", [[], [APPLIED], [BEGUN, BEGUN]])
def test_a_change_begins_once_and_first(records: list[Record]) -> None:
    """Anything else is a damaged journal."""
    with pytest.raises(InputError) as caught:
        Change(records, "j")
    assert caught.value.slug == "damaged-journal"
