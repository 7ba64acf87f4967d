"""Containers and pods by the files that their runtimes leave."""

import json
import tempfile
from pathlib import Path

import pytest

from lastack.kernel.containers import Container, Containers
from tests.kernel.private import run_as_nobody

ID, POD_ID, UID = "0123456789abcdef" * 4, "fedcba9876543210" * 4, "0a1b2c3d-1111-2222-3333-444455556666"
KUBERNETES = {"io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop"}
CRI = {
    "io.kubernetes.cri.container-type": "container",
    "io.kubernetes.cri.container-name": "nginx",
    "io.kubernetes.cri.sandbox-name": "web-0",
    "io.kubernetes.cri.sandbox-namespace": "shop",
}
KUBEPODS = f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UID.replace('-', '_')}.slice"
TASKS = "run/containerd/io.containerd.runtime.v2.task"
STORE = "containers/storage/overlay-containers"


def _process(root: Path, cgroup: str) -> Containers:
    (root / "proc/77").mkdir(parents=True)
    (root / "proc/77/cgroup").write_text(f"{cgroup}\n")
    return Containers(f"{root}/proc", str(root))


def _write(root: Path, path: str, content: object) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        (
            f"0::/system.slice/docker-{ID}.scope",
            {f"var/lib/docker/containers/{ID}/config.v2.json": {"ID": ID, "Name": "/shop", "Config": {"Labels": None}}},
            Container("docker", ID, "shop"),
        ),
        (
            f"12:pids:/docker/{ID}\n0::/",
            {f"var/lib/docker/containers/{ID}/config.v2.json": {"Name": "/k8s_a", "Config": {"Labels": KUBERNETES}}},
            Container("docker", ID, "k8s_a", "web-0", "shop"),
        ),
        (
            f"{KUBEPODS}/cri-containerd-{ID}.scope",
            {f"{TASKS}/k8s.io/{ID}/config.json": {"ociVersion": "1.1.0", "annotations": CRI}},
            Container("containerd", ID, "nginx", "web-0", "shop"),
        ),
        (
            f"{KUBEPODS}/cri-containerd-{ID}.scope",
            {f"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json": {"annotations": CRI}},
            Container("containerd", ID, "nginx", "web-0", "shop"),
        ),
        (
            f"0::/default/{ID}",
            {f"{TASKS}/default/{ID}/config.json": {"annotations": {"nerdctl/name": "cache"}}},
            Container("container", ID, "cache"),
        ),
        (
            f"{KUBEPODS}/crio-{ID}.scope",
            {
                f"run/{STORE}/{ID}/userdata/config.json": {
                    "annotations": KUBERNETES | {"io.kubernetes.container.name": "a"}
                }
            },
            Container("cri-o", ID, "a", "web-0", "shop"),
        ),
        (
            f"0::/machine.slice/libpod-{ID}.scope/container",
            {f"var/lib/{STORE}/containers.json": [{"id": POD_ID, "names": ["other"]}, {"id": ID, "names": ["db"]}]},
            Container("podman", ID, "db"),
        ),
        (
            f"{KUBEPODS}/cri-containerd-{ID}.scope",
            {f"var/log/pods/shop_web-0_{UID}/nginx/0.log": ""},
            Container("containerd", ID, None, "web-0", "shop"),
        ),
        (f"{KUBEPODS}/cri-containerd-{ID}.scope", {}, Container("containerd", ID, None, f"uid {UID}")),
        (f"0::/docker/{POD_ID}/docker/{ID}", {}, Container("docker", ID)),
        ("0::/lxc.payload.mail/init.scope", {}, Container("lxc", "mail", "mail")),
        ("0::/machine.slice/systemd-nspawn@old.service/payload", {}, Container("systemd-nspawn", "old", "old")),
        ("0::/system.slice/nginx.service", {}, None),
        (f"0::/a{ID}0", {}, None),
    ],
)
def test_a_container_is_named(
    tmp_path: Path, cgroup: str, files: dict[str, object], expected: Container | None
) -> None:
    """By what its runtime wrote: name, pod and the pod's namespace; nothing is unread."""
    for path, content in files.items():
        _write(tmp_path, path, content)
    containers = _process(tmp_path, cgroup)
    assert containers.of_process(77) == expected
    assert containers.unread == {}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"Config": 5}', '{"Name": "/a", "Config": {"Labels": {"a": 1}}}'])
def test_a_damaged_file_is_said(tmp_path: Path, content: str) -> None:
    """The container is known by its id, and the file is named with what is wrong."""
    path = f"var/lib/docker/containers/{ID}/config.v2.json"
    _write(tmp_path, path, content)
    containers = _process(tmp_path, f"0::/docker/{ID}")
    assert containers.of_process(77) == Container("docker", ID)
    assert list(containers.unread) == [f"{tmp_path}/{path}"]


def _refused(root: str) -> tuple[Container | None, dict[str, str]]:
    containers = Containers(f"{root}/proc", root)
    return containers.of_process(77), containers.unread


def test_a_closed_folder_is_said() -> None:
    """An ordinary user learns what could not be read, and why."""
    with tempfile.TemporaryDirectory() as folder:  # below folders that everybody may enter, as tmp_path is not
        root = Path(folder)
        root.chmod(0o755)
        _process(root, f"0::/docker/{ID}")
        _write(root, f"var/lib/docker/containers/{ID}/config.v2.json", {"Name": "/shop"})
        (root / "var/lib/docker").chmod(0)
        container, unread = run_as_nobody(_refused, folder)
        (root / "var/lib/docker").chmod(0o755)
    assert container == Container("docker", ID)
    assert ["Permission denied" in reason for reason in unread.values()] == [True]


def test_an_ended_process_is_in_none(tmp_path: Path) -> None:
    """There is no cgroup to read."""
    assert Containers(str(tmp_path)).of_process(77) is None


@pytest.mark.parametrize(
    ("container", "label"),
    [
        (Container("containerd", ID, "nginx", "web-0", "shop"), "shop/web-0"),
        (Container("containerd", ID, None, f"uid {UID}"), f"uid {UID}"),
        (Container("docker", ID, "shop"), "shop"),
        (Container("docker", ID), "0123456789ab"),
    ],
)
def test_the_label_is_the_pods_where_there_is_one(container: Container, label: str) -> None:
    """Else the container's name, else the first digits of its id."""
    assert container.label == label
