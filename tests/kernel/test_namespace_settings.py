"""Settings of namespaces with the names of their containers: real namespaces, and a runtime's files beside them."""

import os
from pathlib import Path

from lastack.kernel.namespace_settings import NamespaceSettings, read_namespaces
from lastack.lab import Lab

KEY, ID = "net.ipv4.tcp_fin_timeout", "0123456789abcdef" * 4


def _tree(root: Path, pid: int) -> None:
    """A /proc with two processes: this one, and one in a container."""
    for seeming, real, cgroup in ((1, os.getpid(), "/"), (2, pid, f"/docker/{ID}")):
        process = root / f"proc/{seeming}"
        (process / "ns").mkdir(parents=True)
        (process / "ns/net").symlink_to(f"/proc/{real}/ns/net")
        (process / "cgroup").write_text(f"0::{cgroup}\n")
        (process / "comm").write_text("nginx\n")
    (root / "proc/thread-self").symlink_to("1")
    docker = root / f"var/lib/docker/containers/{ID}/config.v2.json"
    docker.parent.mkdir(parents=True)
    docker.write_text('{"Name": "/shop"}')


def test_each_namespace_has_its_settings_and_its_container(lab: Lab, tmp_path: Path) -> None:
    """The container's value is the container's, the host's the host's, and the container has its name."""
    lab.client.set({KEY: 17})
    _tree(tmp_path, lab.client.pid)
    found: NamespaceSettings = read_namespaces(
        [KEY, "net.ipv4.no_such"], proc_root=f"{tmp_path}/proc", root=str(tmp_path), named=()
    )
    (client,) = found.others
    assert client.values == {KEY: "17"}
    assert found.host.values == {KEY: Path("/proc/sys/net/ipv4/tcp_fin_timeout").read_text().strip()}
    assert client.container is not None
    assert (client.container.label, client.namespace.process) == ("shop", "nginx/2")
    assert found.host.container is None
