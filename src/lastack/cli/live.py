"""Samples of the running kernel, for commands that take a live host or a saved one."""

from contextlib import nullcontext

from lastack.kernel.namespaces import enter
from lastack.kernel.sampler import take_sample
from lastack.model.flow import Moment

__all__ = ["live_moment"]


def live_moment(netns: str | None) -> Moment:
    """This namespace now, or another one.

    Raises:
        InputError: /proc is not what the kernel writes.
        RefusedError: the namespace does not exist, or may not be entered.
    """
    with enter(netns) if netns else nullcontext():
        return Moment(take_sample(netns))
