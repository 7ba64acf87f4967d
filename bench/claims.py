"""Every claim as an experiment, side by side."""

import json
import subprocess
import sys
import time

from bench.timing import Goal, Result, Timing

__all__ = ["claims"]

_LIMIT_S = 120


def claims() -> Result:
    """All of ``lastack lab claims``, once: what costs time is waiting for the kernel's minute."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "lastack", "lab", "claims", "--json"], stdout=subprocess.PIPE, check=True
    )
    seconds = time.monotonic() - start
    found = json.loads(done.stdout)["claims"]
    in_turn = sum(claim["duration_s"] for claim in found)
    held = sum(claim["verdict"] == "holds" for claim in found)
    return Result(
        "Claims",
        f"{len(found)} claims, {held} of which hold here, in one run; one after the other they take {in_turn:,.0f} s.",
        {"lastack lab claims": Timing([seconds])},
        [Goal(f"all claims: at most {_LIMIT_S} s", f"{seconds:.0f} s", seconds <= _LIMIT_S)],
    )
