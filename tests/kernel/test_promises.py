"""What the files of a host promise, and what its kernel has."""

from pathlib import Path

from lastack.kernel.promises import MOST, read_promises
from lastack.model.sample import Promise
from lastack.settings.names import LIFECYCLE


def _host(tmp_path: Path, *lines: str, **live: str) -> tuple[str, str]:
    """A system with one file, and a kernel with these values of net.ipv4."""
    folder = tmp_path / "root/etc/sysctl.d"
    folder.mkdir(parents=True)
    (folder / "90-tuned.conf").write_text("\n".join(lines))
    (tmp_path / "sys/net/ipv4").mkdir(parents=True)
    for name, value in live.items():
        (tmp_path / f"sys/net/ipv4/{name}").write_text(value + "\n")
    return str(tmp_path / "root"), str(tmp_path / "sys")


def test_the_last_line_wins(tmp_path: Path) -> None:
    """With its place, its value as written, and what is live."""
    roots = _host(
        tmp_path, "net.ipv4.tcp_fin_timeout = 30", "# why", "net/ipv4/tcp_fin_timeout=15", tcp_fin_timeout="60"
    )
    (promise,), unseen = read_promises(*roots)  # type: ignore[misc] # it was read
    assert promise == Promise(
        key="net.ipv4.tcp_fin_timeout",
        value="15",
        live="60",
        file=f"{tmp_path}/root/etc/sysctl.d/90-tuned.conf",
        line=3,
    )
    assert unseen == ""


def test_a_key_that_is_gone_has_no_live_value(tmp_path: Path) -> None:
    """Unless its line reckons with that."""
    promises, _ = read_promises(*_host(tmp_path, "net.ipv4.tcp_tw_recycle = 1", "-net.ipv4.tcp_low_latency = 1"))
    assert promises is not None
    assert [(one.key, one.live) for one in promises] == [("net.ipv4.tcp_tw_recycle", None)]


def test_patterns_stand_for_the_settings_of_a_sample(tmp_path: Path) -> None:
    """As the loaders expand them."""
    roots = _host(tmp_path, "net.ipv4.tcp_keepalive_* = 9", tcp_keepalive_time="7200", tcp_keepalive_probes="9")
    promises, _ = read_promises(*roots)
    assert promises is not None
    assert {one.key: one.live for one in promises} == {
        "net.ipv4.tcp_keepalive_intvl": None,
        "net.ipv4.tcp_keepalive_probes": "9",
        "net.ipv4.tcp_keepalive_time": "7200",
    }


def test_what_is_not_about_connections_is_left_out(tmp_path: Path) -> None:
    """A sample is small, and not a copy of the host's configuration."""
    roots = _host(tmp_path, "kernel.hostname = secret", "net.ipv4.ip_forward = 1", "net.ipv4.tcp_fin_timeout = 60")
    promises, _ = read_promises(*roots)
    assert promises is not None
    assert [one.key for one in promises] == ["net.ipv4.tcp_fin_timeout"]


def test_too_many_are_cut_off_and_told_of(tmp_path: Path) -> None:
    """A bound, whatever somebody writes there."""
    promises, unseen = read_promises(*_host(tmp_path, *[f"net.ipv4.tcp_{number} = 1" for number in range(MOST + 1)]))
    assert promises is not None
    assert len(promises) == MOST
    assert unseen == f"only the first {MOST} keys are looked at"
    assert len(LIFECYCLE) < MOST


def test_names_cannot_steer_a_terminal(tmp_path: Path) -> None:
    """What is not printable is replaced; control characters in a line make it no setting, and long values are cut."""
    lines = ("net.ipv4.tcp_fin_timeout = " + "9" * 9999, "net.ipv4.tcp_retries2 = 1\x1b[2J")
    root, sys_root = _host(tmp_path, *lines, tcp_fin_timeout="60", tcp_retries2="15")
    folder = tmp_path / "root/etc/sysctl.d"
    (folder / "90-tuned.conf").rename(folder / "90-\x1b[2J.conf")
    promises, _ = read_promises(root, sys_root)
    assert promises is not None
    (promise,) = promises
    assert promise.file.endswith("90-\ufffd[2J.conf")
    assert len(promise.value) == 200
