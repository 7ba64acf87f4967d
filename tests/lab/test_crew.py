"""Populations beyond the files of one process."""

import os
import resource
from collections import Counter

from lastack.errors import RefusedError
from lastack.lab import Cohort, Lab
from tests.kernel.private import run_private
from tests.lab.readers import states
from tests.lab.users import Run


def with_few_files(files: int, cohorts: list[Cohort]) -> tuple[int, Counter[tuple[int, str]]]:
    """How many workers there are, and what they hold, where a process may open so many files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with Lab() as lab:
        lab.populate(cohorts)
        names = lab.server.run(["sh", "-c", "cat /proc/[0-9]*/comm"], capture_output=True, text=True).stdout
        return names.count("lastack-lab"), states(lab.server)


def test_held_sockets_are_spread_over_workers(run_as: Run) -> None:
    """1,500 connections are 3,000 files: five workers at least where each may have 700, as root and without."""
    workers, seen = run_as(with_few_files, 700, [Cohort("ESTABLISHED", 1500), Cohort("FIN_WAIT1", 300)])
    assert seen == {(4, "ESTABLISHED"): 1500, (4, "FIN_WAIT1"): 300}
    assert 5 <= workers <= 20


def refused(files: int) -> tuple[str, str, str]:
    """The error of a lab that may have so few files."""
    try:
        with_few_files(files, [Cohort("ESTABLISHED", 100)])
    except RefusedError as error:
        return error.slug, error.message, error.hint
    return "", "", ""


def test_too_few_files_is_said_plainly() -> None:
    """With the number, and the limit to raise."""
    slug, message, hint = run_private(refused, 300, flags=0)
    assert slug == "lab-limit"
    assert "236 sockets" in message  # 64 are the worker's own
    assert "RLIMIT_NOFILE" in hint


def test_time_wait_takes_no_files() -> None:
    """However many there are: one worker where a processor has time for them."""
    workers, seen = run_private(with_few_files, 700, [Cohort("TIME_WAIT", 1900)], flags=0)
    assert (workers, seen) == (1, {(4, "TIME_WAIT"): 1900})


def test_many_are_shared_by_the_processors(lab: Lab) -> None:
    """A worker for each; together exactly what was asked for, in both families, whichever side opens."""
    cohorts = [
        Cohort("TIME_WAIT", 4001),
        Cohort("TIME_WAIT", 2500, 6),
        Cohort("TIME_WAIT", 2002, active=True, port=8080),
        Cohort("TIME_WAIT", 2003, 6, local="::ffff:10.0.0.1", remote="::ffff:203.0.113.1"),
        Cohort("CLOSE_WAIT", 3),
    ]
    lab.populate(cohorts)
    assert states(lab.server) == {(4, "TIME_WAIT"): 6003, (6, "TIME_WAIT"): 4503, (4, "CLOSE_WAIT"): 3}
    names = lab.server.run(["sh", "-c", "cat /proc/[0-9]*/comm"], capture_output=True, text=True).stdout
    assert names.count("lastack-lab") == min(4, len(os.sched_getaffinity(0)))
