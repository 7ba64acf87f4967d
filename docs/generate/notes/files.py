"""Errors of files, snapshots and settings given to a command."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "bad-kernel-release": Note(
        "A kernel release was given that `uname -r` would print nowhere.",
        "give at least two numbers: `5.15`, `6.1.0-18-amd64`.",
    ),
    "bad-setting-name": Note(
        "Something that is no sysctl name was about to be read as one, such as `..` or an empty part.",
        "spell it as `sysctl -a` does: `net.ipv4.tcp_syncookies`.",
    ),
    "cannot-read": Note(
        "A file named on the command line does not exist, is a folder, or may not be read.",
        "look at the path and its permissions; `-` is standard input.",
    ),
    "cannot-write": Note(
        "The file could not be written: the folder does not exist or is not yours, or the disk is full. What stood "
        "there before stands there still.",
        "name another with `-o`, or leave `-o` out and redirect stdout.",
    ),
    "line-too-long": Note(
        "A line of the input has more than a million characters, so it is no list of sockets. Binary files look so.",
        "give `--from` the output of `netstat -an` or `ss -tan`, a copy of `/proc/net/tcp`, or a snapshot.",
    ),
    "malformed-sample": Note(
        "A snapshot has a value that no kernel shows, such as a close dated longer ago than TIME_WAIT lasts.",
        "take it again with `lastack snapshot`; snapshots are not meant to be edited.",
    ),
    "malformed-setting": Note(
        "A setting has a value that no kernel prints. The message names it and what was expected.",
        "if it comes from a snapshot, take that again; if from a live host, a container runtime or a sandbox may put "
        "files of its own into /proc/sys.",
    ),
    "not-a-census": Note(
        "A file does not begin like any list of sockets that lastack reads. The message shows its first line.",
        "give `--from` the output of `netstat -an` or `ss -tan`, a copy of `/proc/net/tcp`, or a snapshot.",
    ),
    "not-a-snapshot": Note(
        "A file is JSON, or should be, and no snapshot: it was cut off, edited, or written by a newer version with "
        "another [schema](snapshot.md). The message names the place in it.",
        "take it again with `lastack snapshot -o FILE`.",
    ),
    "snapshot-too-large": Note(
        "A file begins like a snapshot and has more than 64 MB. Snapshots have a few MB at most.",
        "it is JSON of another kind; give a file that `lastack snapshot` wrote.",
    ),
    "strange-lines": Note(
        "Most of a file looks like a list of sockets, and too many of its lines do not: more than twenty, and more "
        "than one in twenty. The message shows the last of them.",
        "save the output alone, without that of other commands.",
    ),
    "too-large": Note(
        "A file of sysctl lines has more than a MiB, so it is something else.",
        "give `lint` the files of /etc/sysctl.d, or the output of `sysctl -a`.",
    ),
}
