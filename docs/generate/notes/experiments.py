"""Errors of experiments."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "bad-change": Note(
        "`lab try` was given something that is no change: neither a setting nor a knob of the workload, or nothing at "
        "all, or the same arm twice.",
        "write `KEY=VALUE`: settings begin with `net.`, or are known by their last part, such as `tcp_tw_reuse=1`; the "
        "knobs are in [workloads](workloads.md#knobs).",
    ),
    "bad-knob": Note(
        "A knob was given a value that it does not take, or turns nothing in a workload of this kind.",
        "[workloads](workloads.md#knobs) says what each takes and which kinds it is of.",
    ),
    "bad-workload-file": Note(
        "A file of workloads is not TOML, or a table in it has a key, a type or a value that workloads do not have. "
        "The message names the table.",
        "correct it; [workloads](workloads.md#a-file-of-your-own) describes the file.",
    ),
    "no-load-in-snapshot": Note(
        "A workload was to be made from a snapshot that has no TIME_WAIT sockets. They alone tell how many connections "
        "a second a host closed, and to whom.",
        "take the snapshot while the host is under load, or name a workload and give it a `rate`.",
    ),
    "no-program": Note(
        "A workload of real programs needs one that is not installed.",
        "install it, on Debian with `apt install nginx wrk`, or choose another workload.",
    ),
    "no-scipy": Note(
        "Intervals and tests are made with scipy, which is not installed: it comes with the extra `proof`.",
        'install `"lastack[lab,proof]"`.',
    ),
    "no-such-workload": Note(
        "There is no workload of that name, among those that come with lastack or in the file.",
        "`lastack lab try --list-workloads` lists them.",
    ),
    "program-failed": Note(
        "A real program of a workload did not start, or ended without a result. The message has its last words.",
        "where it is nginx's configuration that its version does not know, choose another workload, and tell us.",
    ),
}
