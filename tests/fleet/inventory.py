"""Hosts for Ansible: namespaces of a lab, behind an ``ssh`` that is nsenter. All else is Ansible's own way."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lastack.lab import Lab
from lastack.lab.namespace import Namespace
from tests.kernel.private import unavailable

__all__ = ["GONE", "plan_of", "write_inventory"]

GONE = "gone"  # a host that does not answer

_SSH = f"""\
#!{sys.executable}
import os, sys

host, command = sys.argv[-2:]
if host == "{GONE}":
    sys.stderr.write("ssh: connect to host {GONE} port 22: No route to host")
    sys.exit(255)
os.execvp("nsenter", ["nsenter", f"--net=/proc/{{host}}/ns/net", "sh", "-c", command])
"""


def write_inventory(
    lab: Lab, folder: Path, *, hosts: Mapping[str, Namespace] | None = None, gone: tuple[str, ...] = ()
) -> Path:
    """An inventory of these hosts, or of the lab's clients, h0 and so on, and of hosts that do not answer."""
    if os.geteuid() != 0:
        unavailable("to enter a lab's namespaces from outside takes root")
    ssh = folder / "ssh"
    ssh.write_text(_SSH)
    ssh.chmod(0o755)
    named = {f"h{number}": client for number, client in enumerate(lab.clients)} if hosts is None else hosts
    lines = [f"{name} ansible_host={client.pid}" for name, client in named.items()]
    lines += [f"{name} ansible_host={GONE}" for name in gone]
    lines += ["[all:vars]", "ansible_connection=ssh", f"ansible_ssh_executable={ssh}", "ansible_ssh_pipelining=true"]
    lines += [f"ansible_python_interpreter={sys.executable}"]
    (folder / "inventory.ini").write_text("".join(f"{line}\n" for line in lines))
    return folder / "inventory.ini"


def plan_of(folder: Path, **settings: str) -> Path:
    """A plan of settings of net.ipv4."""
    lines = ['schema = "lastack.plan/1"', 'made_at = "2026-03-01T12:00:00Z"', 'host = "web1"', 'kernel = "6.12.0"']
    lines += ['netns = "net:[4026531840]"', 'summary = "Settings for the fleet."']
    for name, value in settings.items():
        lines += ["[[step]]", 'kind = "setting"', 'because = "wish"', 'reason = "To see what it does."']
        lines += [f'key = "net.ipv4.{name}"', f'value = "{value}"']
    path = folder / "plan.toml"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
