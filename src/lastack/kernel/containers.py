"""Whose container or pod a process is in, from its cgroup and the files of the container runtimes: no daemon is asked.

A runtime calls a container's cgroup by its id (64 hexadecimal digits), and Kubernetes a pod's by its uid. What people
call them stands in files:

    Docker               /var/lib/docker/containers/ID/config.v2.json
    containerd, nerdctl  /run/containerd/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json  (k3s: below /run/k3s)
    CRI-O, Podman        /run/containers/storage/overlay-containers/ID/userdata/config.json, or below /var/lib
                         /var/lib/containers/storage/overlay-containers/containers.json
    the kubelet          /var/log/pods/NAMESPACE_NAME_UID

LXC and systemd-nspawn put the name itself into the cgroup's path.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from msgspec import DecodeError, Struct, field, json

from lastack.errors import RefusedError
from lastack.kernel.procfile import list_folder, printable, read_file

__all__ = ["Container", "Containers"]

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
# systemd's cgroup driver writes underscores; a static pod's uid is a hash without dashes.
_POD = re.compile(r"[-/]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])")
_RUNTIMES = {"docker": "docker", "cri-containerd": "containerd", "crio": "cri-o", "libpod": "podman"}
_RUNTIME = re.compile(rf"(?:^|/)({'|'.join(_RUNTIMES)})[-/]")
_NAMED = (
    ("lxc", re.compile(r"/lxc(?:\.payload\.|/)([^/\n]+)")),
    ("systemd-nspawn", re.compile(r"/systemd-nspawn@([^/\n]+)\.service")),
)

_DOCKER = "/var/lib/docker/containers"
_TASKS = ("/run/containerd/io.containerd.runtime.v2.task", "/run/k3s/containerd/io.containerd.runtime.v2.task")
_STORES = ("/run/containers/storage/overlay-containers", "/var/lib/containers/storage/overlay-containers")
_POD_LOGS = "/var/log/pods"

# Labels and annotations, those of Docker's shim, containerd, CRI-O and nerdctl.
_POD_NAME = ("io.kubernetes.pod.name", "io.kubernetes.cri.sandbox-name", "io.kubernetes.cri-o.KubeName")
_POD_NAMESPACE = (
    "io.kubernetes.pod.namespace",
    "io.kubernetes.cri.sandbox-namespace",
    "io.kubernetes.cri-o.Namespace",
)
_CONTAINER_NAME = ("io.kubernetes.container.name", "io.kubernetes.cri.container-name", "nerdctl/name")

_T = TypeVar("_T")


class Container(NamedTuple):
    """A container, and its pod where it is of one.

    Attributes:
        runtime: whose it is, in lower case; ``container`` where the cgroup does not say.
        id: 64 hexadecimal digits; of LXC and systemd-nspawn, its name.
        name: None: no file tells.
        pod: its pod's name, or ``uid UID`` where only that is known; None: it is of none.
        pod_namespace: the Kubernetes namespace of that.
    """

    runtime: str
    id: str
    name: str | None = None
    pod: str | None = None
    pod_namespace: str | None = None

    @property
    def label(self) -> str:
        """What to call it: ``namespace/pod``, else its name, else the first digits of its id."""
        if self.pod:
            return f"{self.pod_namespace}/{self.pod}" if self.pod_namespace else self.pod
        return self.name or self.id[:12]


class _Config(Struct, rename="pascal"):
    labels: dict[str, str] | None = None


class _Docker(Struct, rename="pascal"):
    name: str = ""
    config: _Config = field(default_factory=_Config)


class _Bundle(Struct):
    annotations: dict[str, str] | None = None


class _Stored(Struct):
    id: str
    names: list[str] | None = None


class Containers:
    """Looks containers up; what could not be read it keeps.

    Args:
        proc_root: where processes are.
        root: what all files of runtimes are below; the empty string: this system's.

    Attributes:
        unread: files that are there and tell nothing, to the reason.
    """

    def __init__(self, proc_root: str = "/proc", root: str = "") -> None:
        self._proc_root, self._root = proc_root, root
        self.unread: dict[str, str] = {}

    def of_process(self, pid: int) -> Container | None:
        """The container that a process is in, the innermost where they nest; None: in none, or the process is gone."""
        content = read_file(f"{self._proc_root}/{pid}/cgroup") or b""
        path = printable(content.decode("utf-8", "replace").replace("\n", "/"))
        for runtime, pattern in _NAMED:
            if found := pattern.search(path):
                return Container(runtime, found[1], found[1])
        ids = _ID.findall(path)
        return self._named(ids[-1], path) if ids else None

    def _named(self, digits: str, path: str) -> Container:
        words, uids = _RUNTIME.findall(path), _POD.findall(path)
        container = Container(_RUNTIMES[words[-1]] if words else "container", digits)
        labels: dict[str, str] = {}
        for name, more in self._told(digits):
            labels = more | labels
            container = container._replace(name=container.name or name)
        pod = _first(labels, _POD_NAME)
        space = _first(labels, _POD_NAMESPACE)
        if uids and not pod:
            space, pod = self._pod_of(uids[-1].replace("_", "-"))
        name = _first(labels, _CONTAINER_NAME) or container.name
        return container._replace(name=name, pod=pod, pod_namespace=space)

    def _told(self, digits: str) -> Iterator[tuple[str | None, dict[str, str]]]:
        """What each file says: a name, and labels."""
        docker = self._read(f"{_DOCKER}/{digits}/config.v2.json", _Docker)
        if docker:
            yield docker.name.lstrip("/") or None, docker.config.labels or {}
        folders = [f"{tasks}/{space}/{digits}" for tasks in _TASKS for space in self._listed(tasks)]
        for folder in [*folders, *(f"{store}/{digits}/userdata" for store in _STORES)]:
            bundle = self._read(f"{folder}/config.json", _Bundle)
            if bundle:
                yield None, bundle.annotations or {}
        for store in _STORES:
            for one in self._read(f"{store}/containers.json", list[_Stored]) or []:
                if one.id == digits and one.names:
                    yield one.names[0], {}

    def _pod_of(self, uid: str) -> tuple[str | None, str]:
        """Namespace and name of a pod, as the kubelet calls its folder of logs."""
        for folder in self._listed(_POD_LOGS):
            parts = folder.split("_")
            if len(parts) == 3 and parts[2] == uid:
                return parts[0], parts[1]
        return None, f"uid {uid}"

    def _listed(self, folder: str) -> list[str]:
        try:
            return sorted(list_folder(self._root + folder))
        except RefusedError as error:
            self.unread[self._root + folder] = error.message
            return []

    def _read(self, file: str, kind: type[_T]) -> _T | None:
        path = self._root + file
        try:
            content = read_file(path)
            return None if content is None else json.decode(content, type=kind)
        except RefusedError as error:
            self.unread[path] = error.message
        except DecodeError as error:  # ValidationError, of which kind it is where JSON is not what was expected, too
            self.unread[path] = f"{path}: {error}"
        return None


def _first(labels: dict[str, str], keys: tuple[str, ...]) -> str | None:
    return next((labels[key] for key in keys if labels.get(key)), None)
