"""Keys of settings: where one leads below /proc/sys, and which cannot be given back what they were.

A key is parts joined by dots; a slash inside of a part stands for a dot in the name of a file, as sysctl.d(5) has it:
``net.ipv4.conf.eth0/100.rp_filter`` is ``net/ipv4/conf/eth0.100/rp_filter``.
"""

import re
from fnmatch import fnmatchcase

from lastack.errors import InputError

__all__ = ["irreversible", "parts_of"]

# One path component, with its dots written as slashes. Nothing in /proc/sys has a longer name than NAME_MAX.
_PART = re.compile(r"[A-Za-z0-9_:@+/-]{1,255}")
_FIRST = re.compile(r"[a-z]")  # a leading - or / means something in a sysctl.d file
_LONGEST = 1024

_ACTS = "to write it is to do something, not to set something"
_LOCKS = "it can be set and never be reset until the next boot"
_SPREADS = "it writes the same setting of every interface too, and their values would be lost"

# Sources: Documentation/admin-guide/sysctl/kernel.rst and vm.rst; for what spreads, devinet_sysctl_forward() of
# net/ipv4/devinet.c and addrconf_fixup_forwarding() of net/ipv6/addrconf.c.
_IRREVERSIBLE = (
    ("net.ipv4.ip_forward", _SPREADS),
    ("net.ipv[46].conf.all.forwarding", _SPREADS),
    ("net.ipv6.conf.*.disable_ipv6", "to disable IPv6 removes the addresses, and to enable it brings none back"),
    ("net.ipv[46].route.flush", _ACTS),
    ("vm.drop_caches", _ACTS),
    ("vm.compact_memory", _ACTS),
    ("vm.stat_refresh", _ACTS),
    ("kernel.modules_disabled", _LOCKS),
    ("kernel.kexec_load_disabled", _LOCKS),
    ("kernel.unprivileged_bpf_disabled", _LOCKS),
    ("kernel.yama.ptrace_scope", _LOCKS),
)


def parts_of(key: str) -> tuple[str, ...]:
    """The path components of a key, none of which can climb, be empty, or begin anew.

    Raises:
        InputError: ``bad-setting-name``.

    >>> parts_of("net.ipv4.conf.eth0/100.rp_filter")
    ('net', 'ipv4', 'conf', 'eth0.100', 'rp_filter')
    """
    parts = key.split(".") if len(key) <= _LONGEST and _FIRST.match(key) else []
    if len(parts) < 2 or not all(map(_PART.fullmatch, parts)) or any(not part.strip("/") for part in parts):
        expected = "parts joined by single dots, such as net.ipv4.tcp_fin_timeout"
        raise InputError("bad-setting-name", f"{key[:80]!r} is no setting's name: expected {expected}")
    return tuple(part.replace("/", ".") for part in parts)


def irreversible(key: str) -> str | None:
    """Why the state before a write to this key cannot be brought back by writing the old value; None: it can."""
    return next((why for pattern, why in _IRREVERSIBLE if fnmatchcase(key, pattern)), None)
