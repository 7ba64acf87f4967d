"""docs/reference/dimensions.md, from the dimensions of a census."""

from docs.generate.markdown import page_of, table
from lastack.model.census import DIMENSIONS

__all__ = ["page"]

_INTRODUCTION = """\
`lastack census --by DIM` groups by one of these, `--by DIM,DIM` by two at a time. A socket that has no such thing is
counted under `(none)`, which is `null` in JSON."""

_MEANINGS = {
    "state": "[state](states.md), spelled as netstat does; a word that nobody knows stands for itself",
    "family": "`IPv4` or `IPv6`. An IPv4 connection of an IPv6 socket is IPv6, as for `ss`",
    "local-port": "port at this end",
    "remote": "address at the other end",
    "remote-port": "port at the other end; a listener has none",
    "destination": "`local address > remote address:port`: within it, connections opened here differ by their "
    "local port alone. A listener has none",
    "process": "`name/pid` of the process with the lowest pid that holds the socket. A socket in TIME_WAIT, "
    "SYN_RECV, or closed by its process has none; without root, only your own processes are seen",
    "uid": "owner. A socket in TIME_WAIT, SYN_RECV, or closed by its process has none",
    "cgroup": "path below the cgroup2 mount (Linux 5.7 and later)",
    "netns": "network namespace: its name, else `net:[inode]`",
}


def page() -> str:
    """Every dimension, and what a socket says to it."""
    rows = [(f"`{name}`", _MEANINGS[name]) for name in DIMENSIONS]
    return page_of("Dimensions of a census", "lastack.model.census", _INTRODUCTION, table(["dimension", "is"], rows))
