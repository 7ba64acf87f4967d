"""Errors of reading the kernel."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "malformed-proc-file": Note(
        "A file of /proc does not look as the kernel writes it. The message names file, line and what was expected.",
        "a container runtime or a sandbox may put files of its own there: run it on the host, as root. If that does "
        "not help, send us the message, and the file if it was read from a live /proc.",
    ),
    "namespace-forbidden": Note(
        "The network namespace is there, and you may not enter it: that takes CAP_SYS_ADMIN in the user namespace that "
        "owns it, and for another user's process CAP_SYS_PTRACE.",
        "run it as root; for a rootless container enter its user namespace first, as the hint shows.",
    ),
    "no-such-namespace": Note(
        "`--netns` names no network namespace: there is none of that name in /run/netns, no process has that pid, "
        "and no such file exists. Namespaces of containers mostly have no name.",
        "take a pid from `lastack census --all-netns --by netns`, or from your container runtime "
        "(`docker inspect -f '{{.State.Pid}}' NAME`).",
    ),
    "not-a-namespace": Note(
        "The path leads to something that is no network namespace.",
        "take `/proc/PID/ns/net`, or a file in /run/netns.",
    ),
    "sock-diag-refused": Note(
        "The kernel does not list TCP sockets through sock_diag: it is built without, the module `tcp_diag` cannot be "
        "loaded, or a sandbox filters netlink. A census and a snapshot then read /proc/net/tcp and say so.",
        "as root on the host, `modprobe tcp_diag`; in a container, allow AF_NETLINK.",
    ),
    "truncated-netlink": Note(
        "A message from the kernel ends before its end. The dump that it belongs to is repeated, and if that does "
        "not help the census is said to be inexact.",
        "send us the message.",
    ),
    "unreadable-file": Note(
        "A file of /proc may not be read that everybody may read on an ordinary host: a security module or a container "
        "hides it.",
        "run it as root, or outside the container.",
    ),
}
