"""What ``lastack fleet containers`` prints."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import json

from lastack.cli.draw import columns, plain
from lastack.kernel.namespace_settings import NamespaceSettings, Seen
from lastack.settings.tuned import Tuning, compare, tuned

__all__ = ["SCHEMA", "Beside", "as_json", "as_text"]

SCHEMA = "lastack.fleet-containers/1"


class Beside(NamedTuple):
    """Namespaces beside the host.

    Attributes:
        found: what was read.
        defaults: key to what a namespace begins with.
        asked: whether that was asked of this kernel; else it is the catalogue's.
    """

    found: NamespaceSettings
    defaults: Mapping[str, str]
    asked: bool

    @property
    def tuned(self) -> dict[str, str]:
        """What the host has tuned."""
        return tuned(self.found.host.values, self.defaults)

    def of(self, seen: Seen) -> Tuning:
        """One of them."""
        return compare(self.found.host.values, self.defaults, seen.values)


def as_json(beside: Beside) -> str:
    """The document."""
    found = beside.found
    document = {
        "schema": SCHEMA,
        "netns": f"net:[{found.host.namespace.inode}]",
        "compared": len(beside.defaults),
        "defaults_from": "kernel" if beside.asked else "catalogue",
        "tuned": {key: {"value": value, "default": beside.defaults[key]} for key, value in beside.tuned.items()},
        "namespaces": [_document(beside, seen) for seen in found.others],
        "hidden": found.hidden,
        "unread": found.unread,
    }
    return json.encode(document).decode() + "\n"


def _document(beside: Beside, seen: Seen) -> dict[str, Any]:
    namespace, container, tuning = seen.namespace, seen.container, beside.of(seen)
    return {
        "netns": f"net:[{namespace.inode}]",
        "path": namespace.path,
        "name": namespace.name,
        "process": namespace.process,
        "runtime": container and container.runtime,
        "container": container and container.name,
        "container_id": container and container.id,
        "pod": container and container.pod,
        "pod_namespace": container and container.pod_namespace,
        "untuned": tuning.untuned,
        "own": tuning.own,
        "unseen": seen.unseen or None,
    }


def as_text(beside: Beside) -> Iterator[str]:
    """The host's settings, then the namespaces, those that lack the most first."""
    found = beside.found
    changed = beside.tuned
    yield f"net:[{found.host.namespace.inode}], where this runs, has tuned {len(changed)} of {len(beside.defaults)}"
    rows = [[f"  {key}", value, f"(default {beside.defaults[key]})"] for key, value in changed.items()]
    yield from columns(rows, left=3) if rows else ()
    yield f"{len(found.others):,} other network namespaces" + ("" if found.others else ": none")
    ranked = sorted(((beside.of(seen), seen) for seen in found.others), key=lambda pair: -len(pair[0].untuned))
    for tuning, seen in ranked:
        yield from _namespace(tuning, seen, len(changed))
    yield from _notes(beside)


def _namespace(tuning: Tuning, seen: Seen, changed: int) -> Iterator[str]:
    label = _label(seen)
    if seen.unseen:
        yield f"{label}: cannot be looked into: {plain(seen.unseen)}"
        return
    if tuning.untuned:
        yield f"{label}: has the defaults of {len(tuning.untuned)} of those {changed}"
        yield from columns([[f"  {key}", value] for key, value in tuning.untuned.items()], left=2)
    else:
        yield f"{label}: " + ("lacks nothing that the host has tuned" if changed else "the host has tuned nothing")
    if tuning.own:
        yield "  of its own: " + ", ".join(f"{_leaf(key)} {value}" for key, value in tuning.own.items())


def _leaf(key: str) -> str:
    return key.rpartition(".")[2]


def _label(seen: Seen) -> str:
    """``pod shop/web-0 (containerd)``, and the process; or what the namespace is called."""
    container, process = seen.container, seen.namespace.process
    if container is None:
        return plain(seen.namespace.label)
    kind = "pod" if container.pod else "container"
    return plain(f"{kind} {container.label} ({container.runtime}, {process})")


def _notes(beside: Beside) -> Iterator[str]:
    if not beside.asked:
        yield "Not told: settings whose default the kernel computes; a new namespace to ask may not be made (as root)."
    if beside.found.hidden:
        number = beside.found.hidden
        processes = "a process" if number == 1 else f"{number:,} processes"
        yield f"Not told: namespaces of {processes} that may not be looked into (as root)."
    yield from (f"Not told: {plain(reason)}" for reason in beside.found.unread.values())
