"""Settings, read from the files under /proc/sys."""

from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.sysctl import read_setting, read_settings
from tests.kernel.private import run_as_nobody, run_private

PORT_RANGE = "net.ipv4.ip_local_port_range"


def test_values_come_as_the_kernel_prints_them(tmp_path: Path) -> None:
    """Tabs between numbers become one space and the newline goes; an empty value stays empty."""
    folder = tmp_path / "net/ipv4"
    folder.mkdir(parents=True)
    (folder / "ip_local_port_range").write_text("32768\t60999\n")
    (folder / "ip_local_reserved_ports").write_text("\n")
    assert read_setting(PORT_RANGE, str(tmp_path)) == "32768 60999"
    assert read_setting("net.ipv4.ip_local_reserved_ports", str(tmp_path)) == ""


def test_what_the_kernel_does_not_have_is_none() -> None:
    """A setting that was removed in Linux 4.12 is absent, and so is a folder of settings."""
    assert read_setting("net.ipv4.tcp_tw_recycle_removed") is None
    assert read_setting("net.ipv4") is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "net..ipv4",
        ".net",
        "net.",
        "/etc/passwd",
        "net/ipv4",
        "../../etc/passwd",
        "a./etc/passwd",
        "a.\0",
    ],
)
def test_a_name_never_leaves_the_root(name: str) -> None:
    """Empty parts, slashes and climbing are refused before any file is touched."""
    with pytest.raises(InputError) as caught:
        read_setting(name, "/nonexistent")
    assert caught.value.slug == "bad-setting-name"
    assert repr(name) in caught.value.message


def _read_two() -> tuple[dict[str, str], dict[str, str]]:
    return read_settings(("net.ipv4.tcp_fastopen_key", PORT_RANGE, "net.ipv4.no_such_setting"))


def test_an_ordinary_user_is_told_what_is_unreadable() -> None:
    """The key of TCP Fast Open is root's alone; the other setting is read, and one that is absent is in neither."""
    values, unreadable = run_as_nobody(_read_two)
    assert set(values) == {PORT_RANGE}
    assert unreadable == {
        "net.ipv4.tcp_fastopen_key": "/proc/sys/net/ipv4/tcp_fastopen_key: Permission denied",
    }


def _set_and_read() -> tuple[str | None, str | None]:
    before = read_setting(PORT_RANGE)
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("20000 20100")
    return before, read_setting(PORT_RANGE)


def test_a_namespace_has_its_own_settings() -> None:
    """A new namespace starts with the kernel's default range, and shows what is written there."""
    assert run_private(_set_and_read) == ("32768 60999", "20000 20100")
