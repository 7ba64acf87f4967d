"""Errors of recordings, comparisons and metrics."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "bad-span": Note(
        "The second time of `--between` is not later than the first. A time of day is the last one that has passed, so "
        "at noon 23:00 is yesterday's.",
        "give the earlier one first; write dates where the span goes over midnight.",
    ),
    "bad-time": Note(
        "A time was given in no form that is known.",
        "say `now`, `-10m`, `-1h30m`, `14:05`, `2026-03-01`, `2026-03-01 14:05` (of this host's time zone), or "
        "`2026-03-01T14:05:00Z`.",
    ),
    "no-prometheus-client": Note(
        "`lastack metrics` writes its text with a Python package that is not installed. Rules and dashboard "
        "do without.",
        "install the extra: `pip install 'lastack[metrics]'`.",
    ),
    "no-such-store": Note(
        "The file that was to be looked into does not exist.",
        "record first, or name the file with `--store`. Root's recordings and everybody else's are in "
        "different places; "
        "`lastack record --help` says where.",
    ),
    "not-a-store": Note(
        "The file is no recording of lastack: no SQLite database, or one of another program. Nothing was "
        "written to it.",
        "name another with `--store`.",
    ),
    "nothing-recorded": Note(
        "The store has no sample of that time, nor of the hour before it: nothing recorded then, or it was "
        "deleted since "
        "for its age or for the size of the file.",
        "`lastack record --list` says from when to when it reaches.",
    ),
    "nothing-to-compare": Note(
        "`lastack compare` was given nothing, or several ways of saying what to compare.",
        "give two snapshots; or one, against this host now; or `--between A B` from the store.",
    ),
    "store-damaged": Note(
        "The file is a store, and something in it is not what lastack wrote: a disk's fault, a copy that was "
        "cut off, an "
        "edit. Samples of other [chains](store.md) can still be read.",
        "move the file away, and record into a new one.",
    ),
    "store-refused": Note(
        "SQLite or the system does not let the file be read or written: no permission, a full disk, another "
        "process that "
        "holds it for longer than ten seconds, a symbolic link. A sample that was to be written is not in; "
        "older ones are.",
        "the message has the reason. `lastack record` goes on trying by itself.",
    ),
    "store-too-new": Note(
        "The store was written by a newer lastack, with another [version](store.md) of the format.",
        "read it with that one.",
    ),
    "unsafe-store": Note(
        "The store is no plain file, or users other than its owner and root can write to it.",
        "`chmod 600` it, `chown` it to the user who records, or name another with `--store`.",
    ),
}
