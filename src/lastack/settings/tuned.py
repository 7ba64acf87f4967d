"""What one namespace's settings are to the host's: which the host has tuned, and this one runs without. No I/O."""

from collections.abc import Mapping
from typing import NamedTuple

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.names import LIFECYCLE

__all__ = ["PER_NAMESPACE", "Tuning", "catalogued", "compare", "tuned"]

# Those of the lifecycle that a namespace may have of its own. What the kernel computes nobody has tuned.
PER_NAMESPACE = tuple(
    key for key in LIFECYCLE if key in SETTINGS and SETTINGS[key].namespaced and not SETTINGS[key].read_only
)


class Tuning(NamedTuple):
    """A namespace beside its host.

    Attributes:
        untuned: key to value, the kernel's default, where the host has another.
        own: key to value where it is neither the default nor the host's.
    """

    untuned: dict[str, str]
    own: dict[str, str]


def catalogued() -> dict[str, str]:
    """The defaults that the catalogue knows, for where the kernel cannot be asked; not those that a kernel computes."""
    return {key: SETTINGS[key].default_now for key in PER_NAMESPACE if SETTINGS[key].default_now}


def tuned(host: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """What the host has that is not the default."""
    return {key: value for key, value in host.items() if key in defaults and value != defaults[key]}


def compare(host: Mapping[str, str], defaults: Mapping[str, str], values: Mapping[str, str]) -> Tuning:
    """Hold a namespace's values against the host's and the defaults; keys that one of them lacks say nothing."""
    changed = tuned(host, defaults)
    untuned = {key: value for key, value in values.items() if key in changed and value == defaults[key]}
    own = {key: value for key, value in values.items() if value not in (defaults.get(key, value), host.get(key, value))}
    return Tuning(untuned, own)
