"""``lastack snapshot``: small, whole, replaced in one step."""

import json
import os
from pathlib import Path
from typing import Any

from lastack.lab import Cohort, Lab
from lastack.model.sample import decode
from tests.cli.running import lastack, lastack_in, lastack_without_netlink


def test_a_hundred_thousand_sockets_make_a_small_file() -> None:
    """Cohorts, not rows: some kilobytes, and nobody is lost."""
    with Lab() as lab:
        lab.populate([Cohort("TIME_WAIT", 50_000), Cohort("TIME_WAIT", 25_000, active=True, port=5432)])
        done = lastack_in(lab, "snapshot")
    assert len(done.stdout) < 50_000
    sample = decode(done.stdout.encode(), "snapshot")
    assert sum(cohort.count for cohort in sample.cohorts) == 75_000
    assert sum(sum(cohort.closes.values()) for cohort in sample.cohorts) == 75_000
    assert {cohort.role for cohort in sample.cohorts} == {"active", "passive"}


def test_it_holds_what_the_kernel_says() -> None:
    """Counters, sockstat, settings and identity are those of the namespace's own files."""
    with Lab() as lab:
        lab.server.set({"net.ipv4.tcp_fin_timeout": "17"})
        lab.populate([Cohort("LISTEN", 1, port=8080, backlog=33), Cohort("TIME_WAIT", 12)])
        document = json.loads(lastack_in(lab, "snapshot").stdout)
        sockstat = lab.server.run(["cat", "/proc/net/sockstat"], capture_output=True, text=True).stdout
    assert document["schema"] == "lastack.sample/1"
    assert document["kernel"] == os.uname().release
    assert document["settings"]["net.ipv4.tcp_fin_timeout"] == "17"
    assert document["counters"]["Tcp"]["PassiveOpens"] == 12
    assert f"tw {document['sockstat']['TCP']['tw']} " in sockstat
    (listener,) = document["listeners"]
    assert (listener["port"], listener["backlog"], listener["queue"]) == (8080, 33, 0)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The new one stands there under its name alone."""
    saved = tmp_path / "now.json"
    saved.write_text("old")
    assert lastack("snapshot", "-o", str(saved)).returncode == 0
    decode(saved.read_bytes(), str(saved))
    assert [path.name for path in tmp_path.iterdir()] == ["now.json"]


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Exit code 2, and nothing is left behind."""
    done = lastack("snapshot", "-o", str(tmp_path / "none" / "now.json"))
    assert done.returncode == 2
    assert "No such file or directory" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_snapshot_is_refused_by_place(tmp_path: Path) -> None:
    """The error names the place in the document; a file cut anywhere is an error, never half a census."""
    whole = lastack("snapshot").stdout
    document = json.loads(whole)
    document["listeners"] = [{"family": "six"}]
    damaged = tmp_path / "damaged.json"
    damaged.write_text(json.dumps(document))
    done = lastack("census", "--from", str(damaged))
    assert done.returncode == 2
    assert "$.listeners[0]" in done.stderr
    damaged.write_text(whole[: len(whole) // 2])
    assert lastack("doctor", "--from", str(damaged)).returncode == 2


def test_a_file_of_several_is_read_by_line(tmp_path: Path) -> None:
    """The last is what is looked at, with the rates since the one before; a bad line is named. Layout is no matter."""
    one = lastack("snapshot").stdout
    several = tmp_path / "several.jsonl"
    several.write_text(one + "\n" + lastack("snapshot").stdout)
    assert json.loads(lastack("doctor", "--from", str(several), "--json").stdout)["interval_s"] > 0
    assert lastack("census", "--from", str(several)).returncode == 0
    several.write_text(one + one + '{"schema": "lastack.sample/1"}\n')
    done = lastack("doctor", "--from", str(several))
    assert (done.returncode, "line 3" in done.stderr) == (2, True)
    several.write_text(json.dumps(json.loads(one), indent=2))
    assert lastack("doctor", "--from", str(several)).returncode == 0


def test_without_sock_diag_it_samples_what_proc_shows() -> None:
    """The same cohorts; queues and bound ports are out of sight, and the doctor says what it cannot tell."""
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 1, port=8080), Cohort("TIME_WAIT", 12), Cohort("CLOSE_WAIT", 3)])
        whole = json.loads(lastack_in(lab, "snapshot").stdout)
        less = json.loads(lastack_without_netlink(lab, "snapshot").stdout)
        doctor = json.loads(lastack_without_netlink(lab, "doctor", "--json").stdout)

    def counts(document: dict[str, Any]) -> dict[tuple[str, str | None, int | None], int]:
        return {(row["state"], row["role"], row.get("local_port")): row["count"] for row in document["cohorts"]}

    assert counts(less) == counts(whole)
    assert (whole["source"], less["source"]) == ("sock_diag", "proc")
    assert less["listeners"][0]["queue"] is None
    assert "bound_ports" not in less
    assert "sock_diag" in less["unseen"]
    assert "accept-queue" in {row["id"] for row in doctor["unknown"]}
