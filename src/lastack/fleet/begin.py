"""The first look at the hosts of a rollout, which changes none."""

import secrets
from collections.abc import Mapping

from lastack.errors import InputError
from lastack.fleet.ansible import Ansible, Outcome
from lastack.fleet.remote import look, looked
from lastack.fleet.rollout_state import HostState, Rollout
from lastack.fleet.stages import stages_of
from lastack.plan.value import completed, same

__all__ = ["begin"]


def begin(ansible: Ansible, settings: Mapping[str, str], inventory: str, sizes: str) -> Rollout:
    """Look at every host, change none: who is there, what each has, and the stages of those that are to be changed.

    Raises:
        InputError: ``bad-inventory``.
        RefusedError: ``ansible-failed``.
        UsageError: ``bad-stages``.
    """
    addresses = ansible.hosts()
    outcomes = ansible.run({name: look(settings) for name in addresses}, "look at the settings")
    hosts = {name: _first_look(outcomes[name], settings) for name in addresses}
    for name, address in addresses.items():
        hosts[name].address = address
    waiting = [name for name in addresses if hosts[name].status == "waiting"]
    return Rollout(
        settings=dict(settings),
        inventory=inventory,
        mark=secrets.token_hex(8),
        stages=stages_of(waiting, sizes),
        hosts=hosts,
        phase="before" if waiting else "done",
    )


def _first_look(outcome: Outcome, settings: Mapping[str, str]) -> HostState:
    if outcome.outcome != "ok":
        return HostState("unreachable" if outcome.outcome == "unreachable" else "refused", {}, outcome.why)
    try:
        before = looked(settings, outcome.stdout)
    except InputError as error:
        return HostState("refused", {}, error.message)
    had_it = all(same(key, completed(key, value, before[key]), before[key]) for key, value in settings.items())
    return HostState("had-it" if had_it else "waiting", before)
