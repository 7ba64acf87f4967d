"""`lastack lab claims` as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lastack import __version__
from lastack.cli.main import main
from lastack.lab.claims.claim import Claim, Seen
from lastack.lab.claims.rows import CLAIMS
from lastack.lab.claims.stage import Stage
from tests.cli.running import Done, lastack
from tests.kernel.private import unavailable

QUICK = "rfc1337-one-keeps-time-wait"
GLOBAL = "max-orphans-resets-the-next-close"


def _ran(*arguments: str) -> Done:
    done = lastack("lab", "claims", *arguments)
    if done.returncode == 3:
        unavailable(done.stderr)
    return done


def test_claims_are_run_by_id() -> None:
    """In the order of the rows, with statement, what was seen, and the sum."""
    done = _ran(GLOBAL, QUICK)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"holds             {QUICK}"
    assert lines[1].strip() == CLAIMS[QUICK].statement
    assert lines[2].startswith("    seen: 1 TIME_WAIT before the RST")
    assert lines[3] == f"not-testable-here {GLOBAL}"
    assert lines[-1] == f"Linux {os.uname().release}: 1 hold, 1 cannot be tested here"


def test_json_is_the_design_s() -> None:
    """Schema, and id, statement, source, verdict and what was observed of each."""
    document = json.loads(_ran("--json", QUICK, GLOBAL).stdout)
    assert (document["schema"], document["asked"], document["interrupted"]) == ("lastack.claims/1", 2, False)
    assert [claim["verdict"] for claim in document["claims"]] == ["holds", "not-testable-here"]
    for claim in document["claims"]:
        assert {"id", "statement", "source", "verdict", "observed"} <= set(claim)


def test_a_settings_name_stands_for_its_claims() -> None:
    """Its leaf or its whole key; --list runs nothing."""
    by_leaf, by_key = (lastack("lab", "claims", "--list", name) for name in ("tcp_rfc1337", "net.ipv4.tcp_rfc1337"))
    ids = [line for line in by_leaf.stdout.splitlines() if not line.startswith(" ")]
    assert by_leaf.stdout == by_key.stdout
    assert ids == [claim.id for claim in CLAIMS.values() if "net.ipv4.tcp_rfc1337" in claim.settings]


def test_the_list_has_every_claim() -> None:
    """As text and as JSON."""
    text = lastack("lab", "claims", "--list").stdout
    document = json.loads(lastack("lab", "claims", "--list", "--json").stdout)
    assert [line for line in text.splitlines() if not line.startswith(" ")] == list(CLAIMS)
    assert [claim["id"] for claim in document["claims"]] == list(CLAIMS)


@pytest.mark.parametrize(("name", "meant"), [("tw-bucket-evict-nothing", "tw-buckets-evict-nothing"),
                                             ("tcp_tw_ruse", "tcp_tw_reuse")])  # fmt: skip
def test_an_unknown_id_comes_with_an_offer(name: str, meant: str) -> None:
    """Exit code 2, and nothing is run."""
    done = lastack("lab", "claims", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lastack: there is no claim {name!r}\nhint: did you mean {meant}?\n"


def test_a_failing_claim_is_news(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and the lines that a report needs: release, id, what was seen."""

    def experiment(_: Stage) -> Seen:
        return Seen(holds=False, observed="7 of 8")

    monkeypatch.setitem(CLAIMS, "a-false-one", Claim("a-false-one", "It is so.", "RFC 9293", (), experiment))
    with pytest.raises(SystemExit) as ended:
        main(["lab", "claims", "a-false-one"])
    printed = capsys.readouterr()
    if ended.value.code == 3:
        unavailable(printed.err)
    assert ended.value.code == 1
    assert "fails             a-false-one\n" in printed.out
    assert f"    lastack {__version__}, Linux {os.uname().release}\n    a-false-one: 7 of 8\n" in printed.out


def test_interrupted_it_prints_what_it_has(tmp_path: Path) -> None:
    """Exit code 130, marked in text and JSON, and no process is left."""
    command = [sys.executable, "-m", "lastack", "lab", "claims", "--json", "time-wait-lasts-60-s", QUICK]
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.PIPE)
        try:
            _, errors = process.communicate(timeout=6)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
    if process.returncode == 3:
        unavailable(errors.decode())
    assert (process.returncode, errors) == (130, b"")
    document = json.loads(output.read_bytes())
    assert (document["interrupted"], document["asked"]) == (True, 2)
    assert [claim["id"] for claim in document["claims"]] == [QUICK]
    assert _of_group(process.pid) == []


def _of_group(parent: int) -> list[str]:
    """Processes whose parent it was, or that name it as their session's."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if str(parent) in {fields[1], fields[3]}:
            found.append(status.parent.name)
    return found
