"""A callback plugin of Ansible: each host's result of each task, a JSON object a line, into the file that we name.

It runs inside ``ansible-playbook``, whose own output is for people and changes from release to release.
"""

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

__all__ = ["CallbackModule"]

DOCUMENTATION = """
name: lastack_results
type: aggregate
short_description: results as lines of JSON
description: Appends each host's result to the file named by LASTACK_RESULTS.
requirements: [enabled by ANSIBLE_CALLBACKS_ENABLED]
"""

_KEPT = ("rc", "stdout", "stderr", "msg")


class CallbackModule(CallbackBase):  # type: ignore[misc] # Ansible ships no types
    """Told of each result by Ansible, by the names that it gives its methods."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "lastack_results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:  # noqa: ANN401 - Ansible's
        """The task succeeded."""
        self._write(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ANN401, ARG002, FBT001, FBT002
        """It did not."""
        self._write(result, "failed")

    def v2_runner_on_unreachable(self, result: Any) -> None:  # noqa: ANN401
        """There was no connection to the host."""
        self._write(result, "unreachable")

    def _write(self, result: Any, outcome: str) -> None:  # noqa: ANN401
        told = result._result  # noqa: SLF001 - Ansible's plugins all read it there
        line = {"host": result._host.get_name(), "outcome": outcome} | {k: told[k] for k in _KEPT if k in told}  # noqa: SLF001
        with Path(os.environ["LASTACK_RESULTS"]).open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")
