"""``kill -9`` at random moments, in namespaces side by side: LASTACK_KILLS of them, 50 where it is not set."""

import os
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from lastack.lab import Lab
from tests.tune.kills import Outcome, run_trials

_WANTED = int(os.environ.get("LASTACK_KILLS", "50"))
_NAMESPACES = 4
_SEED = int(os.environ.get("LASTACK_KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def _in_a_lab(seed: int, folder: str) -> Outcome:
    Path(folder).mkdir()
    with Lab() as lab:
        return lab.server.call(run_trials, seed, -(-_WANTED // _NAMESPACES), folder)


def test_no_kill_loses_a_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the next rollback every key has its original value, and the journal says that the change is undone."""
    with ProcessPoolExecutor(_NAMESPACES, get_context("spawn")) as executor:
        jobs = [
            executor.submit(_in_a_lab, _SEED + number, str(tmp_path / str(number))) for number in range(_NAMESPACES)
        ]
        outcomes = [job.result() for job in jobs]
    moments = sum((outcome.moments for outcome in outcomes), Counter[str]())
    kills = sum(outcome.kills for outcome in outcomes)
    lost = [item for outcome in outcomes for item in outcome.lost]
    with capsys.disabled():
        sys.stdout.write(f"\n{kills} kills, seed {_SEED}; {len(lost)} lost\n")
        sys.stdout.writelines(f"  {count:5}  {moment}\n" for moment, count in sorted(moments.items()))
    assert not lost, "\n".join(lost)
    assert kills >= _WANTED
