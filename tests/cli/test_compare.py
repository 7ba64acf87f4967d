"""``lastack compare`` as a user runs it: files, recordings, this host."""

import json
from pathlib import Path

from lastack.lab import Cohort, Lab
from lastack.lab.article import AFTER, BEFORE, article
from lastack.model.compare import SCHEMA
from tests.cli.running import lastack, lastack_in


def built(cohorts: list[Cohort], settings: dict[str, object] | None = None) -> str:
    """A snapshot of such a host."""
    with Lab() as lab:
        lab.populate(cohorts)
        lab.server.set(settings or {})
        return str(lastack_in(lab, "snapshot").stdout)


def test_the_articles_tables_side_by_side(tmp_path: Path) -> None:
    """Both censuses built on the real kernel; every number of the article stands in its column."""
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(built(article()))
    after.write_text(built(article(after=True), {"net.ipv4.tcp_max_tw_buckets": 5000}))
    done = lastack("compare", str(before), str(after), "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == SCHEMA
    assert {one["state"]: one["before"] for one in document["states"]} == BEFORE
    assert {one["state"]: one["after"] for one in document["states"]} == AFTER
    (setting,) = document["settings"]
    assert (setting["key"], setting["after"], setting["effect"]) == ("net.ipv4.tcp_max_tw_buckets", "5000", "none")
    text = lastack("compare", str(before), str(after)).stdout
    assert text.startswith("TIME_WAIT fell from 25,087 to 682: connections that this side closes first: ")
    assert "no effect seen" in text
    assert "\x1b" not in text


def test_a_recording_and_this_host(tmp_path: Path) -> None:
    """A file of two snapshots has rates; without a second name the host is looked at now."""
    recording = tmp_path / "before.jsonl"
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 1), Cohort("TIME_WAIT", 300)])
        recording.write_text("".join(lastack_in(lab, "snapshot").stdout for _ in range(2)))
        lab.populate([Cohort("CLOSE_WAIT", 40)])
        document = json.loads(lastack_in(lab, "compare", str(recording), "--json").stdout)
    assert document["before"]["flow"]["window_s"] is not None
    assert document["interval_s"] > 0
    states = {one["state"]: one for one in document["states"]}
    assert (states["CLOSE_WAIT"]["before"], states["CLOSE_WAIT"]["after"]) == (0, 40)
    assert states["CLOSE_WAIT"]["beyond_noise"]


def test_the_refused_are_told(tmp_path: Path) -> None:
    """A limit of 100 under 1,340 closes: the story says how many got no TIME_WAIT."""
    before = tmp_path / "before.json"
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 1)])
        before.write_text(lastack_in(lab, "snapshot").stdout)
        lab.server.set({"net.ipv4.tcp_max_tw_buckets": 100})
        lab.server.call(close_many, 1340)
        text = lastack_in(lab, "compare", str(before)).stdout
    assert "1,240 TIME_WAIT refused" in text


def close_many(count: int) -> None:
    """Open so many connections on loopback and close them here first."""
    import socket  # noqa: PLC0415 - runs in the lab alone

    with socket.create_server(("127.0.0.1", 8080)) as door:
        for _ in range(count):
            with socket.create_connection(door.getsockname()) as client, door.accept()[0]:
                client.close()


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    """Nothing, too much, and files that are not there are errors."""
    one = tmp_path / "one.json"
    one.write_text(lastack("snapshot").stdout)
    assert lastack("compare").returncode == 2
    assert lastack("compare", str(one), "--at", "now").returncode == 2
    assert "No such file" in lastack("compare", str(one), str(tmp_path / "none.json")).stderr
    assert lastack("compare", str(one), str(one)).stdout.startswith("No number of sockets changed beyond noise.")


def test_text_of_others_is_made_harmless(tmp_path: Path) -> None:
    """A host and a program with escape sequences for names."""
    one = json.loads(lastack("snapshot").stdout)
    hostile = one | {"host": "\x1b[31mweb", "uptime_s": one["uptime_s"] + 100}
    listeners = [{"family": 4, "address": "0.0.0.0", "port": 80, "queue": 0, "backlog": 1, "process": "\x1b]0;x\x07/1"}]
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(json.dumps(one))
    after.write_text(json.dumps(hostile | {"listeners": listeners}))
    text = lastack("compare", str(before), str(after)).stdout
    assert "\\x1b[31mweb" in text
    assert "\x1b" not in text
    assert "\x07" not in text
