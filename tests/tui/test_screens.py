"""The terminal view as it looks: screens that were read and committed, and numbers that come from the recording."""

import re
from difflib import unified_diff

import pytest

from lastack.tcp.states import NAMES
from tests.model.samples import DEFAULT_PORTS
from tests.tui.screens import FOLDER, LAST, SCREENS, Screen, drawn

# Of the last sample, as ``recording`` makes it.
ESTABLISHED = 1000 + 10 * LAST + 40
CLOSE_WAIT = 100 + 2 * LAST
TIME_WAIT = 60 * (418 + 50)
UPSTREAM = 60 * 50

COLOR = "#([0-9a-f]{6})"
READABLE = 0x60  # of 255 shades

READ = pytest.mark.parametrize("screen", [one for one in SCREENS if not one.styled], ids=lambda one: one.file.stem)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.file.stem)
def test_it_looks_as_it_did(screen: Screen) -> None:
    """Character by character, and style by style; ``python -m tests.tui.screens`` writes the files anew."""
    kept, seen = screen.file.read_text("utf-8"), drawn(screen)
    difference = unified_diff(kept.splitlines(), seen.splitlines(), "kept", "seen", lineterm="")
    assert kept == seen, "\n".join(difference)


def test_there_is_no_screen_that_nothing_draws() -> None:
    """No file outlives its row."""
    assert sorted(FOLDER.iterdir()) == sorted(screen.file for screen in SCREENS)


@READ
def test_it_fits(screen: Screen) -> None:
    """As many lines as there are, none wider than the terminal, the keys on the last."""
    lines = screen.file.read_text("utf-8").splitlines()
    assert len(lines) == screen.height
    assert max(map(len, lines)) <= screen.width
    assert lines[-1].endswith("q quit")


@READ
def test_its_numbers_are_the_recordings(screen: Screen) -> None:
    """By arithmetic from what was recorded: sockets, rates from ten seconds before, and their sum in the title."""
    lines = screen.file.read_text("utf-8").splitlines()
    counts = {
        "LISTEN": 2,
        "ESTABLISHED": ESTABLISHED,
        "FIN_WAIT1": 17,
        "TIME_WAIT": TIME_WAIT,
        "CLOSE_WAIT": CLOSE_WAIT,
    }
    assert lines[0].startswith(f"RECORDING (frozen)  web1  2026-03-01T12:10:00.000Z  {sum(counts.values()):,} sockets")
    rows = {words[0]: words[1:] for words in map(str.split, lines[2:12])}
    assert list(rows) == [name for name in NAMES if name in rows]
    assert {name: int(words[0].replace(",", "")) for name, words in rows.items()} == dict.fromkeys(rows, 0) | counts
    assert [words[2] for name, words in rows.items() if name in {"ESTABLISHED", "CLOSE_WAIT"}] == ["+1.0", "+0.2"]
    # 50 opened and 420 accepted a second; 468 closed here first; the rest of what came and did not stay, there.
    into = {name: words[1] for name, words in rows.items() if not words[1].startswith("+")}
    assert into == {
        "SYN_SENT": "50.0",
        "SYN_RECV": ">=420.0",
        "ESTABLISHED": "470.0",
        "FIN_WAIT1": ">=468.0",
        "TIME_WAIT": "468.0",
        "CLOSE_WAIT": "<=1.0",
        "LAST_ACK": "<=0.8",
    }
    assert re.fullmatch(rf"closes +{TIME_WAIT:,} \|█{{60}}\|", lines[12])


@READ
def test_its_table_is_the_recordings(screen: Screen) -> None:
    """Ports left of the range; backlog and one more; what is held by whom."""
    below = [line.split() for line in screen.file.read_text("utf-8").splitlines()[14:-1]]
    if screen.pane == "destinations":
        used = UPSTREAM + 40
        numbers = [f"{used:,}", f"{UPSTREAM:,}", f"{DEFAULT_PORTS - used:,}", "50.0"]
        assert below[2] == ["10.0.0.1", ">", "10.0.0.2:8080", *numbers]
    elif screen.pane == "listeners":
        rows = [["0.0.0.0:80", "3", "512", "0", "nginx/812"], ["[::]:443", "0", "512", "0", "nginx/812"]]
        assert below[2:4] == rows
    else:
        assert below[1][:2] == ["WARNING", "close-wait"]
        assert below[2][:3] == ["nginx", "holds", str(CLOSE_WAIT)]


@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_colours_carry_no_meaning(size: str) -> None:
    """Without them the same characters are bold or underlined, all is grey, and nothing fades into its background."""
    (runs, legend), (runs_grey, legend_grey) = (
        (FOLDER / f"{size}-destinations-{kind}.txt").read_text("utf-8").split("\n\n") for kind in ("color", "no-color")
    )
    assert runs == runs_grey
    assert re.sub(COLOR, "", legend) == re.sub(COLOR, "", legend_grey)
    assert not all(map(is_grey, re.findall(COLOR, legend)))
    assert all(map(is_grey, re.findall(COLOR, legend_grey)))
    for front, back in re.findall(rf"{COLOR} on {COLOR}", legend_grey):
        assert abs(int(front[:2], 16) - int(back[:2], 16)) >= READABLE


def is_grey(color: str) -> bool:
    """As much red as green as blue."""
    return color[:2] == color[2:4] == color[4:]
