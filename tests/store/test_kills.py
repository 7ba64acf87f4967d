"""``kill -9`` at random moments: LASTACK_KILLS of them, 50 where it is not set."""

import os
import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.store.kills import run_trials

_WANTED = int(os.environ.get("LASTACK_KILLS", "50"))
_SEED = int(os.environ.get("LASTACK_KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def test_no_kill_loses_a_sample(tmp_path: Path) -> None:
    """Whatever was acknowledged is read back after each kill, and the file is sound."""
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:  # a test runner has threads, and must not fork
        outcome = executor.submit(run_trials, _SEED, _WANTED, str(tmp_path)).result()
    assert not outcome.lost, f"seed {_SEED}:\n" + "\n".join(outcome.lost)
    assert outcome.kills == _WANTED
    assert outcome.samples > _WANTED
