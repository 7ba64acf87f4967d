"""Settings of every network namespace on the machine, each with the container or pod that it is of."""

from collections.abc import Sequence
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.containers import Container, Containers
from lastack.kernel.namespace_list import NAMED, Namespace, find_namespaces
from lastack.kernel.namespaces import enter
from lastack.kernel.sysctl import read_settings

__all__ = ["NamespaceSettings", "Seen", "read_namespaces"]


class Seen(NamedTuple):
    """One namespace.

    Attributes:
        namespace: which.
        container: whose; None: nobody's that is known.
        values: key to value, of those that it has.
        unseen: why it could not be looked into; empty: it could.
    """

    namespace: Namespace
    container: Container | None
    values: dict[str, str]
    unseen: str = ""


class NamespaceSettings(NamedTuple):
    """All of them.

    Attributes:
        host: the calling thread's own.
        others: the rest, as found.
        hidden: processes whose namespaces may be missing here.
        unread: files of container runtimes that tell nothing, to the reason.
    """

    host: Seen
    others: Sequence[Seen]
    hidden: int
    unread: dict[str, str]


def read_namespaces(
    keys: Sequence[str], *, proc_root: str = "/proc", root: str = "", named: Sequence[str] = NAMED
) -> NamespaceSettings:
    """Look into each, one after another.

    Args:
        keys: of the settings.
        proc_root: where processes and their namespaces are.
        root: what the files of container runtimes are below.
        named: folders of namespaces' names.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    containers = Containers(proc_root, root)
    listed = find_namespaces(proc_root, named)
    host, *others = [_look(one, containers, keys) for one in listed.found]
    return NamespaceSettings(host, others, listed.hidden, containers.unread)


def _look(namespace: Namespace, containers: Containers, keys: Sequence[str]) -> Seen:
    pid = namespace.process.rpartition("/")[2] if namespace.process else ""
    container = containers.of_process(int(pid)) if pid else None
    try:
        with enter(namespace.path):
            return Seen(namespace, container, read_settings(keys)[0])
    except RefusedError as error:  # another user's, or gone meanwhile
        return Seen(namespace, container, {}, error.message)
