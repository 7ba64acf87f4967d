"""``make bench``: run the benchmarks, print their tables, write docs/benchmarks.md. Names choose some."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bench.timing import table

# Module and function. Each is imported when it runs: what a command takes is not to hide behind what its parent has.
_BENCHMARKS = {
    "census": "census.census",
    "start-up": "census.start_up",
    "namespaces": "census.namespaces",
    "lint": "settings.lint",
    "changes": "settings.changes",
    "lab": "lab.building",
    "load": "lab.churn",
    "overtime": "overtime.overtime",
    "remedy": "recipe.remedy",
    "claims": "claims.claims",
    "doctor": "doctor.busy",
    "doctor-idle": "doctor.idle",
    "crowd": "crowd.crowd",
    "fleet": "fleet.fleet",
    "forecast": "forecast.million",
    "captures": "lifecycles.capture",
    "live": "live.live",
    "scrape": "scrape.scrape",
    "serve": "serve.serve",
}
_PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main(arguments: list[str]) -> int:
    """Run all, or those named; all of them, or ``--page``, write the page. Exit 1 where a goal is not met."""
    names = [name for name in arguments if name != "--page"]
    results = []
    for name in names or _BENCHMARKS:
        module, _, function = _BENCHMARKS[name].partition(".")
        results.append(getattr(import_module(f"bench.{module}"), function)())
        print(table(results[-1]), end="\n\n", flush=True)
    if not names or "--page" in arguments:
        _PAGE.write_text("\n\n".join([_head(), *map(table, results)]) + "\n")
    missed = [goal.what for result in results for goal in result.goals if not goal.met]
    for what in missed:
        print(f"not met: {what}", file=sys.stderr)
    return int(bool(missed))


def _head() -> str:
    return (
        "# Benchmarks\n\nOne run of `make bench`: whole processes, start-up included. Machines differ and are noisy; "
        "the ratios within one run are what counts.\n\n"
        f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"{datetime.now(UTC):%Y-%m-%d}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
