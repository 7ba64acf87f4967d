"""Errors of plans, and of carrying them out."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "apply-failed": Note(
        "A setting could not be written or did not take. Those that were written before it have their former values "
        "again; the journal has the whole story.",
        "the message has the kernel's reason.",
    ),
    "bad-setting-value": Note(
        "A value that no setting can have: it is empty, has several lines or a character that nobody can see.",
        "correct the value in the plan or in `--set`.",
    ),
    "cannot-be-undone": Note(
        "Writing this key sets something off that no later write takes back (it empties a cache, say), so it has no "
        "place in a plan, which promises that it can be undone.",
        "take it out of the plan, and do it by hand if it must be.",
    ),
    "needs-yes": Note(
        "The command changes the host and asks first, but standard input is no terminal.",
        "add `--yes` where nobody is there to answer, in a script say.",
    ),
    "not-a-plan": Note(
        "The file is no TOML, lacks a field of a plan, has one that plans do not have, or sets a key twice.",
        "the message names the place. `lastack plan -o FILE` writes a plan.",
    ),
    "not-taken": Note(
        "The kernel took the value without an error, and had another one when it was read back. Some values are "
        "rounded or cut to a range in silence.",
        "plan the value that the kernel keeps; the message has it.",
    ),
    "plan-for-another": Note(
        "The plan was made for another host, boot, kernel or namespace. What helps one may harm another.",
        "make a new plan here, or say `--anyway`.",
    ),
    "plan-is-stale": Note(
        "A setting has another value than it had when the plan was made: somebody changed it since.",
        "make a new plan, or say `--anyway`.",
    ),
}
