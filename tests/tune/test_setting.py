"""Reading and writing settings: names that cannot leave the folder, values as the kernel takes them."""

import os
from pathlib import Path

import pytest

from lastack.errors import InputError, RefusedError
from lastack.plan.value import same
from lastack.tune import setting
from tests.tune.scene import Scene

PORTS = "net.ipv4.ip_local_reserved_ports"


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A folder that looks like /proc/sys, beside a file that nobody must reach."""
    (tmp_path / "secret").write_text("secret\n")
    folder = tmp_path / "sys"
    (folder / "net/ipv4/conf/eth0.100").mkdir(parents=True)
    (folder / "net/ipv4/tcp_fin_timeout").write_text("60\n")
    (folder / "net/ipv4/conf/eth0.100/rp_filter").write_text("1\n")
    (folder / "net/link").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "net/fifo")
    return str(folder)


def test_a_setting_is_read_and_written(root: str) -> None:
    """A slash in the key stands for a dot in the name of an interface."""
    setting.write("net.ipv4.tcp_fin_timeout", "30", root)
    assert setting.read("net.ipv4.tcp_fin_timeout", root) == "30"
    assert setting.read("net.ipv4.conf.eth0/100.rp_filter", root) == "1"


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "..",
        "secret",
        "net..link",
        ".net.link",
        "net.link.",
        "/etc/passwd",
        "//.//.secret",
        "net.//.//.secret",
        "net./.secret",
        "../secret",
        "net/../../secret",
        "-net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_fin_timeout\n",
        "net.ipv4.tcp\0fin",
        "net.ipv4.*",
        "n" * 2000,
        "net." + "n" * 300,
    ],
)
def test_no_name_leaves_the_folder(root: str, key: str) -> None:
    """Climbing, beginning anew, empty parts, patterns and control characters are refused before a file is touched."""
    with pytest.raises(InputError, match="is no setting's name") as caught:
        setting.read(key, root)
    assert caught.value.slug == "bad-setting-name"
    with pytest.raises(InputError, match="is no setting's name"):
        setting.write(key, "1", root)


@pytest.mark.parametrize("key", ["net.link", "up.secret", "net.fifo", "net.ipv4"])
def test_no_link_is_followed_and_nothing_but_a_file_opened(root: str, key: str) -> None:
    """A link, whether in the middle or at the end, a FIFO and a folder are not settings."""
    with pytest.raises(RefusedError):
        setting.write(key, "1", root)
    try:
        found = setting.read(key, root)
    except RefusedError:
        found = None
    assert found is None
    assert Path(root, "../secret").read_text() == "secret\n"


def _take(key: str, value: str) -> tuple[str | None, str | None]:
    before = setting.read(key)
    setting.write(key, value)
    now = setting.read(key)
    setting.write(key, before or "")
    assert setting.read(key) == before
    return before, now


@pytest.mark.parametrize(
    ("key", "value", "printed"),
    [
        ("net.ipv4.ip_local_port_range", "10240 65535", "10240 65535"),
        ("net.ipv4.tcp_fin_timeout", "0x1e", "30"),
        (PORTS, "8080,8081,9148-9150", "8080-8081,9148-9150"),
        ("net.ipv4.neigh.lo.base_reachable_time_ms", "30000", "30000"),
        ("net.ipv4.tcp_congestion_control", "reno", "reno"),
    ],
)
def test_the_kernel_prints_what_it_made_of_a_value(scene: Scene, key: str, value: str, printed: str) -> None:
    """And takes back what it printed before: that is what makes undoing possible."""
    _, now = scene.lab.server.call(_take, key, value)
    assert now == printed
    assert same(key, value, printed)


def _every_second_port() -> bool:
    value = ",".join(map(str, range(1, 65_536, 2)))
    setting.write(PORTS, value)
    return setting.read(PORTS) == value


def test_a_list_of_many_pages_is_written_and_read_whole(scene: Scene) -> None:
    """The kernel takes a page at a time."""
    assert scene.lab.server.call(_every_second_port)
