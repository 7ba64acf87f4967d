"""Show every container's and pod's network namespace, and which run with defaults that the host has tuned.

Sysctls belong to a network namespace, and a new one begins with the kernel's defaults: what the host's sysctl.d sets
does not reach containers. Names come from cgroups and the runtimes' files; no daemon is asked. As root.
"""

import argparse
import sys

from lastack.cli.options import add_json
from lastack.errors import RefusedError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack fleet containers``."""
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Look into all, compare, print."""
    from lastack.cli.fleet_containers_report import Beside, as_json, as_text  # noqa: PLC0415 - help does without
    from lastack.kernel.fresh import fresh_settings  # noqa: PLC0415 - as above
    from lastack.kernel.namespace_settings import read_namespaces  # noqa: PLC0415 - as above
    from lastack.settings.tuned import PER_NAMESPACE, catalogued  # noqa: PLC0415 - as above

    try:
        beside = Beside(read_namespaces(PER_NAMESPACE), fresh_settings(PER_NAMESPACE), asked=True)
    except RefusedError as error:
        if error.slug != "no-fresh-namespace":
            raise
        beside = Beside(read_namespaces(PER_NAMESPACE), catalogued(), asked=False)
    sys.stdout.writelines([as_json(beside)] if options.json else [f"{line}\n" for line in as_text(beside)])
    return 0
