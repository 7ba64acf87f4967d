"""What is said of many namespaces, and of many hosts."""

from docs.generate.printed.document import Document, keys, structures, whole
from docs.generate.structures import Headings
from lastack.cli.fleet_containers_report import SCHEMA as CONTAINERS_SCHEMA
from lastack.fleet.report import SCHEMA as FLEET
from lastack.fleet.report import Common, Deviation, Difference, Fault, FleetReport, Group, Host, Place

__all__ = ["CONTAINER", "CONTAINERS", "DOCUMENTS"]

CONTAINERS = {
    "schema": f"`{CONTAINERS_SCHEMA}`",
    "netns": "`net:[inode]` of the namespace that it runs in, which the others are compared with",
    "compared": "settings that a namespace has of its own",
    "defaults_from": "`kernel`: read in a new namespace; `catalogue`: where none may be made",
    "tuned": "key to `value` and `default`, where they differ",
    "namespaces": "all others",
    "hidden": "processes whose namespaces may be missing",
    "unread": "files of container runtimes that tell nothing, to the reason",
}
CONTAINER = {
    "netns": "`net:[inode]`",
    "path": "a file to enter it by",
    "name": "its name in /run/netns; or `null`",
    "process": "`name/pid` of the process with the lowest pid in it; or `null`",
    "runtime": "`docker`, `containerd`, `cri-o`, `podman`, `lxc`, `systemd-nspawn`, `container`; `null`: in none",
    "container": "the container's name; `null` where no file tells",
    "container_id": "its id",
    "pod": "its pod's name, or `uid UID`; or `null`",
    "pod_namespace": "the Kubernetes namespace of that",
    "untuned": "key to value, the default, where the host has another",
    "own": "key to value where it is neither the default nor the host's",
    "unseen": "why it could not be looked into; or `null`",
}

_HEADINGS: Headings = {Group: "Group of hosts", Place: "Destination of a fleet"}

DOCUMENTS = (
    Document(
        "fleet containers",
        CONTAINERS_SCHEMA,
        "`lastack fleet containers --json`",
        (keys(CONTAINERS), f"### Namespace\n\n{keys(CONTAINER)}"),
    ),
    Document(
        "fleet doctor",
        FLEET,
        "`lastack fleet doctor --json`",
        (
            whole(FleetReport, FLEET, _HEADINGS),
            *structures(Host, Fault, Group, Common, Difference, Deviation, Place, headings=_HEADINGS),
        ),
    ),
)
