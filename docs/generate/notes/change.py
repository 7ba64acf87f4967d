"""Errors of changing a host, confirming and undoing."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "cannot-confirm": Note(
        "No change waits for a confirmation, or the one that was named is undone, or about to be: its time was over, "
        "its guard saw harm, or somebody rolled it back.",
        "`lastack journal` says what became of it.",
    ),
    "change-waiting": Note(
        "An earlier change of this namespace waits for its confirmation. A second one on top of it would make it "
        "impossible to say which of them did what.",
        "confirm or roll back the first.",
    ),
    "changed-meanwhile": Note(
        "Between the question and your answer somebody changed one of the settings. Nothing is written.",
        "try again.",
    ),
    "changed-since": Note(
        "Somebody else gave a setting another value after the change that is to be undone. The message has the "
        "difference. Nothing is written.",
        "`--force` gives it the value from before the change all the same.",
    ),
    "damaged-journal": Note(
        "A line in the middle of the journal does not fit its checksum or is no record. (A last line that was cut, by "
        "a crash say, is no damage: it is passed over.)",
        "move the file away once the settings are as you want them; what it says of former values can be read.",
    ),
    "journal-locked": Note(
        "Another lastack was changing settings and did not end within five seconds. Two never mix.",
        "try again, or look at the process that the message names.",
    ),
    "journal-refused": Note(
        "The journal cannot be read or written: a full disk, a read-only file system, a missing privilege. Without a "
        "journal no setting is written.",
        "mend what the message names, or keep the journal elsewhere with `--state FOLDER`.",
    ),
    "namespace-gone": Note(
        "The network namespace of the change has ended, and its settings with it.",
        "nothing is left to undo; `lastack rollback` says so and closes the entry.",
    ),
    "no-such-change": Note(
        "The journal has no change of that number.",
        "`lastack journal` lists them.",
    ),
    "no-supervisor": Note(
        "The process that would undo the change after its deadline could not be started, so nothing was changed.",
        "the message has the reason; a limit on processes, say.",
    ),
    "not-our-file": Note(
        "The file that `--persist` keeps in sysctl.d has lines that lastack does not write. It is left as it is.",
        "move your own lines to a file of your own, or move this file away.",
    ),
    "persist-refused": Note(
        "The file in sysctl.d cannot be written: a read-only file system, a missing folder, a missing privilege.",
        "mend what the message names, or apply without `--persist`.",
    ),
    "state-folder-refused": Note(
        "The folder of the journal cannot be made or opened.",
        "run as root, or name another one with `--state`.",
    ),
    "undo-incomplete": Note(
        "Some settings could not be given their former values.",
        "the message names them; `lastack rollback` tries again, and `lastack journal` has the former values.",
    ),
    "undo-unrecorded": Note(
        "All settings have their former values, but the journal could not be told.",
        "make room on its disk; the next command finds out by itself.",
    ),
    "unsafe-folder": Note(
        "The folder of the journal, or one above it, belongs to or can be written by somebody else, who could "
        "therefore decide what is written into the kernel; or it is reached through a link.",
        "name a folder that only you and root can write.",
    ),
    "which-change": Note(
        "Several changes wait for their confirmation, in different namespaces.",
        "name the one that you mean.",
    ),
}
