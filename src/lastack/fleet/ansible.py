"""Running commands on the hosts of an inventory, through the user's own Ansible: its connections, users, jump hosts.

Source: ansible-playbook(1), ansible-inventory(1). A play has one task, ``ansible.builtin.command``, with an argument
list for each host (ansible-core 2.16 or later); no text of ours is a template, nor is any put into a shell line.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from msgspec import DecodeError, Struct
from msgspec import json as fast_json

from lastack.errors import InputError, RefusedError

__all__ = ["Ansible", "Outcome"]

_FORKS = 100
_SHOWN = 400  # characters of what Ansible says


class Outcome(Struct, frozen=True):
    """What became of a command on a host.

    Attributes:
        host: its name in the inventory.
        outcome: ``ok``; ``failed``: the command, or Ansible on the host; ``unreachable``: no connection.
        stdout: what it printed.
        stderr: what it complained of.
        msg: what Ansible says of a failure.
    """

    host: str
    outcome: Literal["ok", "failed", "unreachable"]
    stdout: str = ""
    stderr: str = ""
    msg: str = ""

    @property
    def why(self) -> str:
        """Of a failure, the reason on one line."""
        return " ".join((self.stderr or self.msg or "no reason given").split())[:_SHOWN]


class Ansible:
    """The hosts of an inventory.

    Args:
        inventory: a file, a folder or a script, as ``ansible-playbook -i`` takes it.
        limit: a pattern of hosts, as ``--limit`` takes it; empty: all.
        become: whether to become root there, for inventories that do not say so themselves.

    Raises:
        RefusedError: ``no-ansible``.
    """

    def __init__(self, inventory: str, *, limit: str = "", become: bool = False) -> None:
        self._inventory, self._limit, self._become = inventory, limit, become
        self._programs = {name: _program(name) for name in ("ansible-inventory", "ansible-playbook")}

    def hosts(self) -> dict[str, str]:
        """Their names, in the inventory's order, and the address of each: its ``ansible_host``; empty: it has none.

        Raises:
            InputError: ``bad-inventory``: Ansible cannot read it, or it has no host.
        """
        if not Path(self._inventory).exists():
            raise InputError("bad-inventory", f"{self._inventory}: there is no such file")
        limit = ["--limit", self._limit] if self._limit else []
        command = [self._programs["ansible-inventory"], "-i", self._inventory, "--list", *limit]
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        try:
            groups: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise InputError("bad-inventory", f"{self._inventory}: {_last(done.stderr)}") from None
        found = dict.fromkeys(_members(groups, "all", set()), "")
        if not found:
            raise InputError("bad-inventory", f"{self._inventory} has no host: {_last(done.stderr) or 'it is empty'}")
        of_hosts = groups.get("_meta", {}).get("hostvars", {})
        return {name: str(of_hosts.get(name, {}).get("ansible_host", "")) for name in found}

    def run(self, commands: Mapping[str, Sequence[str]], what: str) -> dict[str, Outcome]:
        """What becomes of each host's command, all at once; every host has an outcome.

        Raises:
            RefusedError: ``ansible-failed``: it ended before there was an outcome of any host.
        """
        if not commands:
            return {}
        with tempfile.TemporaryDirectory(prefix="lastack-rollout-") as folder:
            (Path(folder) / "play.yml").write_text(self._play(commands, what))
            (Path(folder) / "hosts").write_text("".join(f"{host}\n" for host in commands))
            results = Path(folder) / "results"
            done = self._playbook(folder, results, min(len(commands), _FORKS))
            lines = results.read_bytes().splitlines() if results.exists() else []
        found = {one.host: one for one in map(_outcome, lines)}
        if not found:
            raise RefusedError("ansible-failed", f"ansible-playbook ended with {done.returncode}: {_last(done.stderr)}")
        missing = [host for host in commands if host not in found]
        return found | {host: Outcome(host, "unreachable", msg="Ansible tells nothing of it") for host in missing}

    def _playbook(self, folder: str, results: Path, forks: int) -> "subprocess.CompletedProcess[str]":
        plugins = str(files("lastack.fleet").joinpath("callbacks"))
        environment = os.environ | {
            "ANSIBLE_CALLBACK_PLUGINS": plugins,
            "ANSIBLE_CALLBACKS_ENABLED": "lastack_results",
            "ANSIBLE_RETRY_FILES_ENABLED": "0",
            "LASTACK_RESULTS": str(results),
        }
        command = [self._programs["ansible-playbook"], "-i", self._inventory, "-f", str(forks)]
        command += ["--limit", f"@{folder}/hosts", f"{folder}/play.yml"]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=environment
        )

    def _play(self, commands: Mapping[str, Sequence[str]], what: str) -> str:
        lines = ["- hosts: all", "  gather_facts: false", f"  become: {str(self._become).lower()}", "  vars:"]
        lines = [line for line in lines if self._become or "become" not in line]
        lines += ["    lastack_argv:"]
        for host, argv in commands.items():
            lines += [f"      {json.dumps(host)}:", *(f"      - {_scalar(word)}" for word in argv)]
        lines += [
            "  tasks:",
            f"  - name: {json.dumps(f'lastack: {what}')}",
            "    ansible.builtin.command:",
            '      argv: "{{ lastack_argv[inventory_hostname] }}"',
            "      expand_argument_vars: false",  # neither ~ nor $f means anything to the module then
            "    changed_when: false",
        ]
        return "".join(f"{line}\n" for line in lines)


def _scalar(word: str) -> str:
    """The word in YAML, no template. Where Ansible reads ``!unsafe``, a quoted "010" or "true" is no text any more."""
    return f"!unsafe {json.dumps(word)}" if "{" in word else json.dumps(word)


def _program(name: str) -> str:
    """On PATH, or beside the interpreter: lastack and Ansible may be in one virtual environment."""
    beside = Path(sys.executable).with_name(name)
    found = shutil.which(name) or (str(beside) if beside.exists() else None)
    if found is None:
        raise RefusedError("no-ansible", f"{name} is not installed", "pip install 'lastack[rollout]', or ansible-core")
    return found


def _members(groups: Mapping[str, Any], name: str, seen: set[str]) -> list[str]:
    """The hosts of a group and those below it."""
    if name in seen:
        return []
    seen.add(name)
    group = groups.get(name, {})
    below = [host for child in group.get("children", []) for host in _members(groups, child, seen)]
    return [*group.get("hosts", []), *below]


def _outcome(line: bytes) -> Outcome:
    try:
        return fast_json.decode(line, type=Outcome)
    except DecodeError as error:
        raise RefusedError("ansible-failed", f"Ansible's result is not what was expected: {error}") from None


def _last(said: str) -> str:
    return " ".join(said.split())[-_SHOWN:]
