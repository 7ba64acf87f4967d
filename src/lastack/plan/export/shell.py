"""A script for a POSIX shell. It stops at the first setting that the kernel does not take."""

import shlex

from lastack.plan.export.comments import head
from lastack.plan.plan import Plan

__all__ = ["render"]


def render(plan: Plan) -> str:
    """The script. The words are quoted as a shell wants them, so that no value can be anything but a value."""
    commands = [f"sysctl -w {shlex.quote(f'{key}={value}')}" for key, value in plan.settings]
    return "\n".join(["#!/bin/sh", *head(plan), "set -eu", *commands, ""])
