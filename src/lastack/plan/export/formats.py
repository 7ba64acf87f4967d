"""The formats that a plan can be exported to, one row each."""

from collections.abc import Callable
from typing import NamedTuple

from lastack.plan.export import ansible, compose, docker, kubernetes, nix, podman, shell, sysctl_d
from lastack.plan.plan import Plan

__all__ = ["FORMATS", "Format"]


class Format(NamedTuple):
    """One format.

    Attributes:
        name: what it is asked for by.
        render: makes the file of a plan.
        purpose: what it is, for people.
    """

    name: str
    render: Callable[[Plan], str]
    purpose: str


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("sysctl.d", sysctl_d.render, "a file for /etc/sysctl.d"),
        Format("ansible", ansible.render, "a playbook, with ansible.posix.sysctl"),
        Format("kubernetes", kubernetes.render, "a pod with a securityContext"),
        Format("compose", compose.render, "an override file for docker compose"),
        Format("docker", docker.render, "a docker run command line"),
        Format("podman", podman.render, "a podman run command line"),
        Format("nix", nix.render, "a NixOS module"),
        Format("shell", shell.render, "a script for a POSIX shell"),
    )
}
