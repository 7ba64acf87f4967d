"""What hosts are called: by Prometheus' labels, and by an inventory. No I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping

__all__ = ["host_of", "matched"]


def host_of(labels: Mapping[str, str], label: str | None) -> str:
    """The host that a series is of: a label, or ``instance`` without its port; empty: the series has no such label.

    >>> host_of({"instance": "[2001:db8::1]:9100"}, None), host_of({"instance": "db"}, None)
    ('[2001:db8::1]', 'db')
    """
    if label:
        return labels.get(label, "")
    instance = labels.get("instance", "")
    address, colon, port = instance.rpartition(":")
    return address if colon and port.isdecimal() and (":" not in address or address.endswith("]")) else instance


def matched(addresses: Mapping[str, str], there: Iterable[str]) -> dict[str, str]:
    """An inventory's hosts that Prometheus has, each with what it calls it: the same name, else the same address.

    An address that several hosts of the inventory have, such as that of a gateway, says nothing.

    Args:
        addresses: name in the inventory to ``ansible_host``, which may be empty.
        there: what Prometheus calls its hosts.
    """
    known = {_bare(name): name for name in there}
    times = Counter(addresses.values())
    found = {}
    for name, address in addresses.items():
        candidates = [name, address] if times[address] == 1 else [name]
        told = next((known[bare] for bare in map(_bare, candidates) if bare in known), None)
        if told:
            found[name] = told
    return found


def _bare(name: str) -> str:
    """Names are the same in any case (RFC 4343); an IPv6 address has brackets only before a port."""
    return name.removeprefix("[").removesuffix("]").lower()
