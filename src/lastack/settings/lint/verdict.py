"""The eight verdicts of lint, and what one says."""

from typing import Literal, NamedTuple, get_args

__all__ = ["FAILING", "VERDICTS", "Judgement", "Meaning", "Verdict", "hazard", "no_effect", "ok", "out_of_range"]

Verdict = Literal["ok", "removed", "unknown", "out-of-range", "hazard", "no-effect", "overridden", "malformed"]


class Judgement(NamedTuple):
    """What is said about a line.

    Attributes:
        verdict: one of the eight.
        message: the reason, for people.
        better: a line or value to write instead, where there is one.
    """

    verdict: Verdict
    message: str
    better: str | None = None


class Meaning(NamedTuple):
    """One verdict.

    Attributes:
        verdict: its name.
        meaning: when a line gets it.
        loader: what happens to such a line when the file is loaded.
        fix: what ``lint --fix`` does with it.
        fails: whether ``lint`` exits with 1 for it.
    """

    verdict: Verdict
    meaning: str
    loader: str
    fix: str
    fails: bool


VERDICTS: dict[str, Meaning] = {
    row.verdict: row
    for row in (
        Meaning(
            "ok",
            "It does what it says; the message tells what that is, and what it is not.",
            "It is written.",
            "Nothing.",
            fails=False,
        ),
        Meaning(
            "no-effect",
            "It changes nothing: the default already, or idle because of another line or of a live setting.",
            "It is written, and nothing follows from it.",
            "Nothing: it does no harm, and may guard against a file that is read earlier.",
            fails=False,
        ),
        Meaning(
            "overridden",
            "A later line sets the same key, and that one wins.",
            "procps writes both, one after the other; systemd-sysctl only the last.",
            "Commented out.",
            fails=False,
        ),
        Meaning(
            "hazard",
            "The kernel takes it, and it breaks something, or does not do what it seems to.",
            "It is written.",
            "Replaced where there is a better value, else commented out.",
            fails=True,
        ),
        Meaning(
            "out-of-range",
            "The kernel refuses the number.",
            "The write fails (EINVAL), and with it sysctl -p and systemd-sysctl.",
            "Commented out.",
            fails=True,
        ),
        Meaning(
            "removed",
            "Kernels had the key, and this one does not any more.",
            "sysctl -p complains and exits with 1, which ends a script that stops at errors; systemd-sysctl warns.",
            "Commented out; replaced where another key took its place.",
            fails=True,
        ),
        Meaning(
            "unknown",
            "This kernel has no such key: misspelt, of a later release, of a module that is not loaded, or not visible "
            "in this namespace.",
            "As for removed.",
            "Corrected where one key is meant; else left alone.",
            fails=True,
        ),
        Meaning(
            "malformed",
            "No setting can be read from it, or its value is not what the key holds.",
            "The line is passed over, or the write fails.",
            "Written as it was meant where that is plain, else commented out.",
            fails=True,
        ),
    )
}

assert set(VERDICTS) == set(get_args(Verdict))

FAILING = frozenset(name for name, row in VERDICTS.items() if row.fails)


def ok(message: str) -> Judgement:
    """It does what it says."""
    return Judgement("ok", message)


def no_effect(message: str) -> Judgement:
    """It changes nothing."""
    return Judgement("no-effect", message)


def hazard(message: str, better: str | None = None) -> Judgement:
    """It does harm."""
    return Judgement("hazard", message, better)


def out_of_range(message: str, better: str | None = None) -> Judgement:
    """The kernel refuses it."""
    return Judgement("out-of-range", message, better)
