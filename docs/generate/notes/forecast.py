"""Errors of forecasts."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "no-numpy": Note(
        "A simulation needs numpy, which plain lastack does without.",
        'install it: `pip install "lastack[forecast]"`.',
    ),
}
