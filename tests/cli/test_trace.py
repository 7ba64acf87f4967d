"""``lastack trace --pcap`` as users run it, against the recipe of the capture, arithmetic and tshark."""

import gzip
import json
import shutil
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from bench import captures

from tests.capture.making import LINK_LAYERS, packets, pcap
from tests.cli.running import lastack
from tests.kernel.private import unavailable

_COUNT = 1000


class Course(NamedTuple):
    """What must be said of a shape of the capture."""

    conn_state: str
    handshake: str
    teardown: str
    closer: str | None
    time_wait: str
    syn_retransmits: int = 0
    reset_cause: str | None = None


# By hand, from what each shape does.
COURSES = {
    "C:S s:SA C:A C:FA s:FA C:A": Course("SF", "three-way", "three-segment", "orig", "orig"),
    "C:S s:SA C:A s:FA C:A C:FA s:A": Course("SF", "three-way", "four-segment", "resp", "resp"),
    "C:S s:SA C:A C:PA=78 s:PA=350 C:FA s:FA C:A": Course("SF", "three-way", "three-segment", "orig", "orig"),
    "C:S s:RA": Course("REJ", "refused", "reset", "resp", "none", 0, "refused"),
    "C:S s:SA C:A C:PA=40 s:PA=200 C:R": Course("RSTO", "three-way", "reset", "orig", "none", 0, "aborted"),
    "C:S s:SA C:A C:PA=120 s:A s:PA=900 C:A s:FA C:FA s:A": Course("SF", "three-way", "three-segment", "resp", "resp"),
    "C:S ~ C:S ~ C:S": Course("S0", "syn-only", "none", None, "none", 2),
    "C:S ~ C:S s:SA C:A C:FA s:FA C:A": Course("SF", "three-way", "three-segment", "orig", "orig", 1),
    "C:S s:SA C:A C:PA=60 ~ C:PA=60 s:PA=300 C:FA s:FA C:A": Course("SF", "three-way", "three-segment", "orig", "orig"),
    "C:S s:SA C:A s:RA": Course("RSTR", "three-way", "reset", "resp", "none", 0, "aborted"),
}
EXPECTED = Counter(dict.fromkeys(COURSES.values(), 0))
for _shape, _count in captures.SHAPES.items():
    EXPECTED[COURSES[_shape]] += _count


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand connections, each shape as often as the recipe says."""
    path = tmp_path_factory.mktemp("trace") / "connections.pcap"
    with path.open("wb") as file:
        captures.write(file, _COUNT)
    return path


@pytest.fixture(scope="module")
def objects(capture: Path) -> list[dict[str, Any]]:
    """What --json prints of each connection."""
    done = lastack("trace", "--pcap", str(capture), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def summary(capture: Path) -> dict[str, Any]:
    """What --summary --json prints."""
    document: dict[str, Any] = json.loads(lastack("trace", "--pcap", str(capture), "--summary", "--json").stdout)
    return document


def test_json(objects: list[dict[str, Any]]) -> None:
    """Each connection is what its shape says."""
    said = Counter(
        Course(
            each["conn_state"],
            each["handshake"]["kind"],
            each["teardown"]["kind"],
            each["teardown"]["active_closer"],
            each["time_wait"],
            each["handshake"]["syn_retransmits"],
            each["teardown"]["reset_cause"],
        )
        for each in objects
    )
    assert said == EXPECTED


def test_json_is_in_the_order_of_time(objects: list[dict[str, Any]]) -> None:
    """By the first segment; all have the same keys."""
    assert [each["start"] for each in objects] == sorted(each["start"] for each in objects)
    assert len({tuple(each) for each in objects}) == 1


def test_summary(summary: dict[str, Any]) -> None:
    """Its counts are sums over the shapes."""
    assert summary["connections"] == _COUNT
    for key, name in (("conn_state", "conn_state"), ("teardown", "teardown"), ("time_wait", "time_wait")):
        sums: Counter[str] = Counter()
        for course, count in EXPECTED.items():
            sums[getattr(course, name)] += count
        assert summary[key] == dict(sums)
    assert summary["active_closer"] == {
        closer or "": sum(count for course, count in EXPECTED.items() if course.closer == closer)
        for closer in ("orig", "resp", None)
    }
    assert summary["resets"] == {"aborted": 70, "refused": 60}
    assert summary["syn_retransmits"] == sum(course.syn_retransmits * count for course, count in EXPECTED.items())


def test_summary_percentiles(summary: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    """Within one percent of what the connections themselves give."""
    times = sorted(each["handshake"]["time_us"] for each in objects if each["handshake"]["time_us"] is not None)
    said = summary["handshake_time_us"]
    assert said["count"] == len(times)
    assert said["max"] == times[-1]
    assert said["p50"] == pytest.approx(statistics.median_low(times), rel=0.01)
    assert said["p90"] == pytest.approx(times[len(times) * 9 // 10], rel=0.02)
    (waiting,) = [each for each in summary["states"] if (each["state"], each["side"]) == ("FIN_WAIT2", "resp")]
    entered = [{visit["state"]: visit["at_us"] for visit in each["resp_states"]} for each in objects]
    spent = [states["TIME_WAIT"] - states["FIN_WAIT2"] for states in entered if "FIN_WAIT2" in states]
    assert waiting["us"]["p50"] == pytest.approx(statistics.median_low(spent), rel=0.01)


def test_summary_by_listener(summary: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    """The ten largest, by connections."""
    counts = Counter(f"{each['resp_h']}:{each['resp_p']}" for each in objects)
    assert [each["connections"] for each in summary["listeners"]] == [count for _, count in counts.most_common(10)]
    for each in summary["listeners"]:
        assert each["connections"] == counts[each["listener"]]
    pairs = Counter((each["orig_h"], f"{each['resp_h']}:{each['resp_p']}") for each in objects)
    for each in summary["destinations"]:
        assert each["connections"] == pairs[each["source"], each["destination"]]


def test_summary_for_people(capture: Path) -> None:
    """It has the counts in words."""
    text = lastack("trace", "--pcap", str(capture), "--summary").stdout
    assert "1,000 connections in 6,320 packets" in text
    assert "three-way" in text
    assert "time spent" in text


def test_a_line_a_connection(capture: Path) -> None:
    """As many lines as connections; --count stops earlier."""
    assert len(lastack("trace", "--pcap", str(capture)).stdout.splitlines()) == _COUNT
    assert len(lastack("trace", "--pcap", str(capture), "--count", "7").stdout.splitlines()) == 7


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--port", "443", lambda each: each["resp_p"] == 443),
        ("--address", "10.2.0.7", lambda each: each["resp_h"] == "10.2.0.7"),
        ("--family", "6", lambda _: False),
        ("--family", "4", lambda _: True),
    ],
)
def test_choices(capture: Path, objects: list[dict[str, Any]], option: str, value: str, wanted: Any) -> None:  # noqa: ANN401
    """Only the connections that are asked for."""
    done = lastack("trace", "--pcap", str(capture), "--json", option, value)
    assert [json.loads(line) for line in done.stdout.splitlines()] == list(filter(wanted, objects))


def test_standard_input_and_diagram(tmp_path: Path) -> None:
    """A handshake and a teardown as a teacher draws them."""
    path = tmp_path / "one.pcap.gz"
    path.write_bytes(gzip.compress(pcap(packets(LINK_LAYERS["Ethernet"][1]))))
    drawn = lastack("trace", "--pcap", str(path), "--diagram").stdout
    assert drawn.splitlines()[0].split() == ["client", "192.0.2.1:50000", "server", "192.0.2.80:80"]
    words = [" ".join(line.replace("─", " ").split()) for line in drawn.splitlines()[1:]]
    assert words[0] == "0.000000 SYN_SENT │ SYN seq 0 ▶│"
    assert words[1] == "0.001000 ESTABLISHED │◀ SYN ACK seq 0 ack 1 │ SYN_RECV"
    assert words[8] == "0.008000 TIME_WAIT │◀ FIN ACK seq 1001 ack 102 │ LAST_ACK"
    assert "60 s, until 22:14:20" in words[10]
    command = [sys.executable, "-m", "lastack", "trace", "--pcap", "-", "--diagram"]
    with path.open("rb") as file:
        assert subprocess.run(command, stdin=file, capture_output=True, text=True, check=True).stdout == drawn


def test_svg(tmp_path: Path) -> None:
    """A document of its own, with an arrow a segment, and TIME_WAIT as a bar."""
    path = tmp_path / "one.pcap"
    path.write_bytes(pcap(packets(LINK_LAYERS["Ethernet"][1])))
    root = ET.fromstring(lastack("trace", "--pcap", str(path), "--svg").stdout)  # noqa: S314 - it is ours
    tag = "{http://www.w3.org/2000/svg}"
    arrows = [line for line in root.iter(f"{tag}line") if line.get("marker-end")]
    assert len(arrows) == 10
    assert [each.get("class") for each in root.iter(f"{tag}rect")] == [None, "w"]
    texts = [each.text or "" for each in root.iter(f"{tag}text")]
    assert {"SYN_SENT", "SYN_RECV", "TIME_WAIT", "LAST_ACK"} <= set(texts)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--pcap", "/does/not/exist"], 2, "No such file"),
        (["--pcap", "/dev/null"], 2, "it is empty"),
        (["--pcap", "x", "--for", "5s"], 2, "--for is for a live trace"),
        (["--pcap", "x", "--netns", "blue"], 2, "--netns is for a live trace"),
        (["--pcap", "x", "--diagram", "--summary"], 2, "one of them"),
        (["--checksums", "verify"], 2, "--checksums is for captures"),
        (["--pcap", "/dev/null", "--address", "example.org"], 2, "is no IP address"),
        (["--pcap", "x", "--port", "0"], 2, "is no port"),
        (["--pcap", "x", "--count", "-1"], 2, "is no number of connections"),
    ],
)
def test_what_cannot_be(arguments: list[str], code: int, said: str) -> None:
    """Is said, with the exit code of its kind."""
    done = lastack("trace", *arguments)
    assert done.returncode == code
    assert said in done.stderr


def test_a_capture_that_is_cut(capture: Path, tmp_path: Path) -> None:
    """What was whole is printed; then the message, and exit code 2."""
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(capture.read_bytes()[:-7])
    done = lastack("trace", "--pcap", str(cut), "--summary", "--json")
    assert done.returncode == 2
    assert "ends in the middle of a packet" in done.stderr
    assert json.loads(done.stdout)["packets"] == 6319


def _tshark(path: Path) -> dict[frozenset[str], int]:
    """tcp.completeness of each connection, by its ends."""
    fields = [f"-e{name}" for name in ("ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.completeness")]
    command = ["tshark", "-2", "-r", str(path), "-Y", "tcp && ip", "-Tfields", *fields]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[frozenset[str], int] = {}
    for line in done.stdout.splitlines():
        source, source_port, target, target_port, number = line.split("\t")
        ends = frozenset((f"{source}:{source_port}", f"{target}:{target_port}"))
        found[ends] = max(found.get(ends, 0), int(number))
    return found


def _completeness(each: dict[str, Any]) -> int:
    """The same number from our history (Wireshark's manual, 7.5: SYN 1, SYN-ACK 2, ACK 4, data 8, FIN 16, RST 32)."""
    letters = set((each["history"] or "").lower())
    # Any segment with ACK is one to tshark, also the reset that refuses a SYN.
    ack = each["handshake"]["time_us"] is not None or each["handshake"]["kind"] == "refused"
    bits = {"s": 1, "h": 2, "d": 8, "f": 16, "r": 32}
    return sum(bit for letter, bit in bits.items() if letter in letters) + 4 * ack


def test_tshark_completeness(capture: Path, objects: list[dict[str, Any]]) -> None:
    """Tshark sees the same of every connection."""
    if not shutil.which("tshark"):
        unavailable("tshark is not installed")
    theirs = _tshark(capture)
    assert len(theirs) == len(objects)
    for each in objects:
        ends = frozenset((f"{each['orig_h']}:{each['orig_p']}", f"{each['resp_h']}:{each['resp_p']}"))
        assert _completeness(each) == theirs[ends], each
