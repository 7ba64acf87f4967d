"""What lint asks of the host."""

import socket

from lastack.cli.lint_host import view_of_host
from lastack.settings.lint.judge import judge, keys_of, read_files
from lastack.settings.lint.scene import View
from tests.kernel.private import run_as_nobody, run_private

RANGE = "net.ipv4.ip_local_port_range"


def listening(backlog: int) -> tuple[int, View]:
    """A port that is listened on, and what is seen of it."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(backlog)
        return server.getsockname()[1], view_of_host([RANGE], [RANGE])


def test_listeners_are_seen_with_their_backlogs() -> None:
    """Where a line's verdict depends on who listens."""
    port, view = run_private(listening, 77)
    assert view.listeners == ((port, 77),)


def test_nobody_asks_who_listens_without_need() -> None:
    """Other lines do without."""
    assert view_of_host([RANGE], ["net.ipv4.tcp_tw_reuse"]).listeners is None


def test_absent_and_unusual_keys_are_passed_over() -> None:
    """What no file can be named, what is a folder, and what must not be read."""
    keys = ["net.ipv4.nonsense", "net.ipv4", "net.ipv4.conf.eth0/1.x", "a..b", "x" * 300, "vm.stat_refresh", "", "."]
    view = view_of_host(keys, [])
    assert (view.live, view.unreadable) == ({}, frozenset())


def test_what_an_ordinary_user_may_not_read_is_there() -> None:
    """The Fast Open key is root's; a line that sets it is not taken for a misspelling."""
    entries = read_files([("f", b"net.ipv4.tcp_fastopen_key = 1-2-3-4\n")])
    view = run_as_nobody(view_of_host, keys_of(entries), set())
    assert "net.ipv4.tcp_fastopen_key" in view.unreadable
    assert judge(entries, view)[0].verdict == "ok"


def test_a_private_namespace_is_known_as_one() -> None:
    """It does not show what belongs to the machine."""
    assert run_private(view_of_host, ["net.core.netdev_max_backlog"], []).is_child_namespace
