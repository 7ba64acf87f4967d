"""Running claims: all of them on this kernel, and those that break."""

import encodings.ascii
import encodings.latin_1  # an ordinary user may not be able to import what Python leaves for later
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.lab.claims.claim import Claim, NotTestableError, Result, Seen
from lastack.lab.claims.rows import CLAIMS
from lastack.lab.claims.schedule import Run
from lastack.lab.claims.stage import Stage
from lastack.lab.processes import fork, open_files, reap
from lastack.lab.route import load_pyroute2
from tests.kernel.private import run_as_nobody, unavailable

# What no namespace can try, and what takes the right to read the kernel's log, or tracking in the kernel.
NOT_HERE = {
    "max-orphans-resets-the-next-close",
    "tcp-mem-full-cuts-off",
    "netdev-backlog-is-no-listen-backlog",
    "conntrack-max-drops-new-connections",
    "port-range-same-parity-is-logged",
    "conntrack-outlives-the-socket",
    "conntrack-timeout-ends-no-socket",
    "conntrack-forgets-idle-connections",
}
ALWAYS_NOT_HERE = 4


LATE_IMPORTS = (encodings.ascii, encodings.latin_1, load_pyroute2())


def _results(claims: list[Claim], *, again: bool = True) -> dict[str, Result]:
    try:
        with Run(claims, again=again) as run:
            return {result.claim.id: result for result in run.results() if result is not None}
    except RefusedError as error:
        unavailable(error.message)


def _one(experiment: Callable[[Stage], Seen], seconds: float = 0.5, *, again: bool = True) -> Result:
    claim = Claim("a-claim", "It is so.", "RFC 9293", (), experiment, seconds)
    return _results([claim], again=again)["a-claim"]


def _processes() -> set[str]:
    """Our children."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split())


def test_every_claim_holds_on_this_kernel() -> None:
    """What cannot be tested says why, and nothing is left behind. How long it takes is a benchmark."""
    before = _processes()
    results = _results(list(CLAIMS.values()))
    assert {slug: result.observed for slug, result in results.items() if result.verdict == "fails"} == {}
    not_here = {slug: result.observed for slug, result in results.items() if result.verdict == "not-testable-here"}
    assert set(not_here) <= NOT_HERE, not_here
    assert sum("one for the whole machine" in why for why in not_here.values()) == ALWAYS_NOT_HERE
    assert set(results) == set(CLAIMS)
    assert all(result.observed for result in results.values())
    assert _processes() == before


def test_an_ordinary_user_runs_them() -> None:
    """Short ones of every family, in a user namespace of the user's own."""
    verdicts = run_as_nobody(_short_ones)
    assert len(verdicts) > 40
    assert {slug for slug, verdict in verdicts.items() if verdict != "holds"} <= NOT_HERE


def _short_ones() -> dict[str, str]:
    claims = [claim for claim in CLAIMS.values() if claim.seconds < 1]
    with Run(claims) as run:
        return {result.claim.id: result.verdict for result in run.results() if result is not None}


def test_the_verdict_is_the_experiments() -> None:
    """It holds, it fails, or it cannot be told; each with what was seen."""
    holds = _one(lambda _: Seen(holds=True, observed="2 of 2"))
    fails = _one(lambda _: Seen(holds=False, observed="1 of 2"))
    assert (holds.verdict, holds.observed) == ("holds", "2 of 2")
    assert (fails.verdict, fails.observed) == ("fails", "1 of 2")

    def cannot(_: Stage) -> Seen:
        raise NotTestableError("it has no such thing")

    not_here = _one(cannot)
    assert (not_here.verdict, not_here.observed) == ("not-testable-here", "it has no such thing")


def test_a_failure_is_put_to_the_test_again(tmp_path: Path) -> None:
    """What fails once and then holds says so."""
    seen = tmp_path / "seen"

    def at_second(_: Stage) -> Seen:
        if seen.exists():
            return Seen(holds=True, observed="3 s")
        seen.touch()
        return Seen(holds=False, observed="9 s")

    result = _one(at_second)
    assert (result.verdict, result.observed) == ("holds", "3 s (at the first try: 9 s)")


def test_a_broken_experiment_costs_itself_alone(capfd: pytest.CaptureFixture[str]) -> None:
    """A mistake, an error of the kernel's, a process that dies: not testable, with the reason."""

    def mistaken(_: Stage) -> Seen:
        return Seen(holds=True, observed=str(1 // 0))

    def refused(stage: Stage) -> Seen:
        stage.server.fresh().bind(("203.0.113.1", 80))
        return Seen(holds=True, observed="")

    def dies(_: Stage) -> Seen:
        os._exit(3)

    broken = [_one(experiment) for experiment in (mistaken, refused, dies)]
    assert {result.verdict for result in broken} == {"not-testable-here"}
    assert "ZeroDivisionError" in broken[0].observed
    assert broken[1].observed == "the experiment broke off: EADDRNOTAVAIL"
    assert "died" in broken[2].observed
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_one_that_never_ends_is_ended() -> None:
    """A minute after its time; here, one that should have been done 59 s ago."""

    def sleeps(_: Stage) -> Seen:
        time.sleep(600)
        return Seen(holds=True, observed="")

    start = time.monotonic()
    result = _one(sleeps, -59)
    assert result.verdict == "not-testable-here"
    assert "too busy" in result.observed
    assert time.monotonic() - start < 30


def test_leaving_early_leaves_nothing() -> None:
    """With claims on their way, all their processes end."""
    before = _processes()
    claims = [claim for claim in CLAIMS.values() if claim.seconds > 50]
    try:
        with Run(claims) as run:
            for at, _ in enumerate(run.results(0.1)):
                if at == 3:
                    break
            assert len(_processes()) > len(before)
            assert 40 < run.left_s < 70
    except RefusedError as error:
        unavailable(error.message)
    assert _processes() == before


def test_few_files_make_fewer_at_once(tmp_path: Path) -> None:
    """Where a limit of the host stops the next lab, it waits for another to end."""

    def takes_a_second(_: Stage) -> Seen:
        time.sleep(1)
        return Seen(holds=True, observed="")

    claims = [Claim(f"number-{number}", "It is so.", "RFC 9293", (), takes_a_second, 9) for number in range(20)]
    answer = tmp_path / "answer"

    def with_few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(open_files()) + 16,) * 2)
        results = _results(claims).values()
        answer.write_text(" ".join(sorted({result.verdict for result in results} | {str(len(results))})))

    assert reap(fork(with_few_files)) == 0
    assert answer.read_text() == "20 holds"
