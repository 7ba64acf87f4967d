"""Errors of the lab."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "bad-cohort": Note(
        "The lab was asked for a cohort that cannot be: a negative count, a port outside 1 to 65535, more "
        "listeners than there are ports above the one given, an address family other than 4 and 6, or an address that "
        "is none of its family.",
        "ask for another.",
    ),
    "bad-load": Note(
        "A load was described that the lab cannot drive: numbers that are not above 0, or a server that is to leave "
        "handshakes unfinished, which only clients do.",
        "describe another.",
    ),
    "census-differs": Note(
        "The lab built what was asked for, read the census back from the kernel, and found another one. Something "
        "else runs in the lab, the machine is so slow that sockets ended before the last ones were made (TIME_WAIT "
        "lasts 60 s), or memory is short.",
        "try again on a quieter machine, or ask for fewer sockets. A lab never hands over a census that is not exact.",
    ),
    "cohort-refused": Note(
        "The kernel refused a system call that builds the cohort: an address that is in use, say, or memory.",
        "the message has the kernel's reason.",
    ),
    "lab-limit": Note(
        "The lab ran into a limit on open files or processes. Held sockets are files of the lab's workers.",
        "raise the limit that the hint names, or ask for fewer held sockets; TIME_WAIT and orphans need no files.",
    ),
    "lab-process-died": Note(
        "A process of the lab ended before its time: killed from outside, or by the kernel for want of memory.",
        "look into the kernel's log for `Out of memory`.",
    ),
    "lab-worker-stuck": Note(
        "A process of the lab did not answer for minutes.",
        "the machine is overloaded, or the process was stopped by a signal; try again.",
    ),
    "no-more-addresses": Note(
        "A client of the lab has 4,093 addresses, and all are in use. Each cohort that is cut off needs one of its "
        "own.",
        "ask for fewer cohorts, or for a lab with more clients.",
    ),
    "no-more-ports": Note(
        "All local ports towards one address and port are taken: the cohorts ask for more connections to one "
        "destination than there are ports.",
        "spread them over several ports or clients.",
    ),
    "no-namespace": Note(
        "The kernel makes no private namespace for you. The message names what forbids it: "
        "`user.max_user_namespaces`, `kernel.apparmor_restrict_unprivileged_userns`, "
        "`kernel.unprivileged_userns_clone`, or a container's seccomp filter.",
        "change what the hint names, or run it as root.",
    ),
    "no-pyroute2": Note(
        "The lab makes its links with pyroute2, which is not installed: it comes with the extra `lab`.",
        'install `"lastack[lab]"`.',
    ),
    "no-recipe": Note(
        "The lab was asked for a state that it cannot bring a socket into, or for a kind that the state does not have.",
        "the hint lists what it makes.",
    ),
    "no-such-setting": Note(
        "A network namespace of this kernel does not have the setting: it is of another release, or belongs to the "
        "whole machine.",
        "`lastack explain SETTING` says since which release each namespace has it.",
    ),
    "no-veth": Note(
        "The kernel makes no pair of virtual Ethernet devices, which link the lab's namespaces.",
        "load the module as root with `modprobe veth`, or use a kernel that has it.",
    ),
    "setting-refused": Note(
        "The kernel does not take that value for the setting: it is out of range, or the setting cannot be written.",
        "`lastack explain SETTING` says what it accepts.",
    ),
    "too-many-clients": Note("A lab has 1 to 32 clients.", "ask for fewer."),
}
