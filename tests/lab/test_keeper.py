"""The namespaces: there, unnamed, of ordinary users too, with a hash table of their own."""

import signal
from pathlib import Path
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.lab.keeper import Keeper
from lastack.lab.namespace import Namespace
from tests.kernel.private import run_as_nobody
from tests.lab.users import Run

_TABLE = "net.ipv4.tcp_ehash_entries"


class Seen(NamedTuple):
    """What there is while a keeper of two namespaces lives, and after.

    Attributes:
        ours: our network namespace.
        theirs: its processes'.
        named: entries of /run/netns.
        table_sizes: tcp_ehash_entries of a private namespace, and ours.
        pids: those that a command in a namespace sees.
        all_dead: whether all were dead once the keeper was closed.
    """

    ours: str
    theirs: set[str]
    named: int
    table_sizes: tuple[int, int]
    pids: list[str]
    all_dead: bool


def visit() -> Seen:
    """Open a keeper, look, close it, look again."""
    keeper = Keeper(["one", "two"])
    namespace = Namespace("one", keeper.pids["one"], keeper.kinds)
    sleeper = namespace.popen(["sleep", "600"])
    theirs = {str(Path(f"/proc/{pid}/ns/net").readlink()) for pid in keeper.pids.values()}
    sizes = int(namespace.get(_TABLE)), int(Path("/proc/sys", _TABLE.replace(".", "/")).read_text("ascii"))
    pids = namespace.run(["sh", "-c", "echo /proc/[0-9]*"], capture_output=True, text=True).stdout.split()
    named = len(list(Path("/run/netns").glob("*")))
    keeper.close()
    died = sleeper.wait(10) == -signal.SIGKILL
    all_dead = died and not any(Path(f"/proc/{pid}").exists() for pid in keeper.pids.values())
    return Seen(str(Path("/proc/self/ns/net").readlink()), theirs, named, sizes, pids, all_dead)


def test_namespaces(run_as: Run) -> None:
    """One for each name, none with a name on the host; a pid namespace and a hash table of their own.

    The table is as large as the host's (ip-sysctl.rst, tcp_ehash_entries: negative where it is shared with the host).
    """
    named = len(list(Path("/run/netns").glob("*")))
    seen = run_as(visit)
    assert len(seen.theirs) == 2
    assert seen.ours not in seen.theirs
    assert seen.named == named
    private, host = seen.table_sizes
    assert private == abs(host)
    assert "/proc/1" in seen.pids
    assert len(seen.pids) <= 6  # init, two holders, the sleeper, the shell
    assert seen.all_dead


def test_closing_twice_is_fine() -> None:
    """The second time there is nothing to end, and no pid of another's is signalled."""
    keeper = Keeper(["one"])
    pid = keeper.pids["one"]
    keeper.close()
    assert not Path(f"/proc/{pid}").exists()
    keeper.close()
    assert not Path(f"/proc/{pid}").exists()


def refused_when_hidden() -> str:
    """The error where the kernel hides a process from its own user, so that its ids cannot be mapped."""
    import ctypes  # noqa: PLC0415 - here alone

    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: as after a change of user
    try:
        Keeper(["one"]).close()
    except RefusedError as error:
        return f"{error.slug}: {error.message}"
    return ""


def test_ids_that_cannot_be_mapped_are_an_error() -> None:
    """The keeper waits for them to be mapped; it is not waited for."""
    expected = "no-namespace: the kernel makes no private user namespace: Permission denied"
    assert run_as_nobody(refused_when_hidden) == expected
