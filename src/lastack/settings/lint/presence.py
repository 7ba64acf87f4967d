"""Whether a kernel has a key, and if not, why not and what was meant.

Of a host that we can ask, the kernel decides; of another, its release.
"""

from functools import cache

from lastack.settings.catalogue.neighbours import FOLDERS, NEIGHBOURS, Neighbour
from lastack.settings.catalogue.row import Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.scene import View
from lastack.settings.lint.spelling import Speller
from lastack.settings.lint.verdict import Judgement
from lastack.settings.release import since

__all__ = ["judge_presence", "of_interface"]

# What /proc/sys holds: a key with another first part has lost its beginning.
_ROOTS = frozenset(("abi", "crypto", "debug", "dev", "fs", "kernel", "net", "sched", "sunrpc", "user", "vm", "xen"))
# Keys that come and go with network interfaces.
_OF_INTERFACES = ("net.ipv4.conf.", "net.ipv4.neigh.", "net.ipv6.conf.", "net.ipv6.neigh.", "net.mpls.conf.")
# Keys that come with a kernel module, and the module.
_OF_MODULES = {
    "net.netfilter.nf_conntrack_": "nf_conntrack",
    "net.nf_conntrack_max": "nf_conntrack",
    "net.bridge.": "br_netfilter",
}


@cache
def _speller() -> Speller:
    return Speller([*SETTINGS, *NEIGHBOURS])


def of_interface(key: str) -> bool:
    """Whether a key belongs to a network interface, and so is there only while that is."""
    return key.startswith(_OF_INTERFACES)


def judge_presence(key: str, value: str, view: View) -> Judgement | None:
    """What is said of a line whose key this kernel does not have; None if it has it, or may well have it."""
    row = SETTINGS.get(key) or NEIGHBOURS.get(key)
    if view.has(key) or (view.live is None and row is not None and row.in_release(view.release)):
        return None
    if row is None:
        return None if _may_exist(key, view) else _no_such(key, value, view)
    if not since(view.release, row.added):
        return Judgement("unknown", f"it came with Linux {row.added}, and this is {view.release.text}")
    return _removed(row, value) if row.removed else _missing(key, view)


def _may_exist(key: str, view: View) -> bool:
    """Whether a key outside of our tables may be one of that kernel's."""
    if of_interface(key):
        return True
    folder, _, _ = key.rpartition(".")
    return view.live is None and folder not in FOLDERS and folder != "net" and key.partition(".")[0] in _ROOTS


def _no_such(key: str, value: str, view: View) -> Judgement:
    nearest = _speller().nearest(key)
    if nearest is None:
        where = "no kernel that we know has it" if view.live is None else "this kernel has no such key"
        module = _module(key)
        return Judgement("unknown", f"{where}; the module {module} is not loaded" if module else where)
    row = SETTINGS.get(nearest) or NEIGHBOURS[nearest]
    gone = f", which Linux {row.removed} removed" if row.removed and since(view.release, row.removed) else ""
    return Judgement("unknown", f"no kernel has it; {nearest} is meant{gone}", f"{nearest} = {value}")


def _removed(row: Setting | Neighbour, value: str) -> Judgement:
    if isinstance(row, Neighbour):
        return Judgement("removed", f"Linux {row.removed} removed it; it was {row.about}")
    instead = f"{row.related[0]} = {value}" if row.family == "retired" else None
    return Judgement("removed", f"Linux {row.removed} removed it: {row.removal}", instead)


def _module(key: str) -> str | None:
    return next((module for start, module in _OF_MODULES.items() if key.startswith(start)), None)


def _missing(key: str, view: View) -> Judgement:
    setting = SETTINGS.get(key)
    if view.is_child_namespace and setting is not None and setting.first_namespace_only:
        return Judgement("unknown", "it belongs to the whole machine and is not visible inside of this namespace")
    module = _module(key)
    if module is None:
        return Judgement("unknown", "this kernel was built without it")
    return Judgement(
        "unknown",
        f"the module {module} is not loaded, so the key is not there now: name the module in /etc/modules-load.d to "
        "have it before such files are read",
    )
