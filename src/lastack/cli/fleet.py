"""Beyond one kernel's view: the same questions over many namespaces or hosts."""

import argparse
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["configure", "run"]

# Each has a file of its own, cli/fleet_NAME.py: ``configure(parser)`` and ``run(options)``.
_TASKS = {
    "doctor": "the doctor's questions, put to what exporters told Prometheus: sick hosts, and what they share",
    "rollout": "a plan to all hosts of an Ansible inventory: a canary, stages, a guard that undoes harm",
    "containers": "every container and pod of this host, and which run without what the host has tuned",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the tasks of ``lastack fleet`` and their arguments."""
    tasks = parser.add_subparsers(title="tasks", dest="task", metavar="TASK", required=True)
    for name, summary in _TASKS.items():
        module = _module(name)
        task = tasks.add_parser(name, help=summary, formatter_class=parser.formatter_class, allow_abbrev=False)
        task.description = (module.__doc__ or "").replace("``", "`")
        module.configure(task)


def _module(task: str) -> "ModuleType":
    return import_module(f"lastack.cli.fleet_{task}")


def run(options: argparse.Namespace) -> int:
    """Do the task."""
    code: int = _module(options.task).run(options)
    return code
