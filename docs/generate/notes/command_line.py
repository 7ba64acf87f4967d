"""Errors of the command line."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "nothing-to-build": Note(
        "`lab build` was told neither states nor a snapshot.",
        "say what to build: `--state TIME_WAIT=100`, or `--from SNAPSHOT`.",
    ),
    "options-clash": Note(
        "Two options exclude each other.",
        "leave one of them out.",
    ),
    "unknown-claim": Note(
        "`lastack lab claims` was asked for a claim that there is not, or for a setting that no claim is about.",
        "the hint has the nearest name; `lastack lab claims --list` has all.",
    ),
    "unknown-command": Note(
        "There is no such command.",
        "`lastack --help` lists them.",
    ),
    "unknown-topic": Note(
        "`explain` knows no state, setting, counter, finding or verdict of that name.",
        "the hint has the nearest names; `lastack explain` without a topic lists all.",
    ),
}
