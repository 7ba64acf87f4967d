"""Captures that other projects publish, against the results that they state."""

from collections import Counter, defaultdict
from csv import DictReader
from functools import cache
from pathlib import Path

import pytest

from lastack.tcp.lifecycle import Lifecycle
from tests.capture.reading import Ends, ends_of, lifecycles

CASES = Path(__file__).parents[3] / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is not here")

Row = dict[str, str]
UNSAID = {"-", ""}

# Zeek's histories that differ from ours, each with its reason.
DIFFERENT_HISTORIES = {
    (
        "ftp/fake-long-commands.pcap",
        "58634",
    ): "Zeek's FTP analyzer gave up on a command that was too long: X tells of that, no segment does",
    (
        "vntag_vlan_sandwich_clean.pcap",
        "443",
    ): "the snap length cut the TCP options away: Zeek wants the whole header, our flags are before the cut",
    (
        "wikipedia.pcap",
        "80",
    ): "the test switched off the list of servers' ports; the row of the same segment with the list, ^h, agrees",
}


def table(name: str) -> list[Row]:
    """The rows of a table of expected results."""
    with (CASES / name).open(newline="") as file:
        return list(DictReader(file, delimiter="\t"))


@cache
def connections(path: Path, *, verify: bool = False) -> dict[Ends, list[Lifecycle]]:
    """The connections of a capture, by their ends in either order."""
    found: dict[Ends, list[Lifecycle]] = defaultdict(list)
    for lifecycle in lifecycles(path, verify=verify):
        ends = ends_of(lifecycle)
        found[ends].append(lifecycle)
        found[ends[2], ends[3], ends[0], ends[1]].append(lifecycle)
    return found


def zeek_rows() -> list[tuple[Row, Lifecycle]]:
    """Rows of grade A with what we say of the same connection."""
    rows = [row for row in table("zeek/pairs.tsv") if row["grade"] == "A"]
    pairs = []
    for row in rows:
        found = connections(CASES / "zeek/traces" / row["trace"], verify=row["zeek_checksums"] == "verify")
        # Where a row does not name the ends, there is one connection.
        only = next(iter(found))
        ends = (row["orig_h"], int(row["orig_p"]), row["resp_h"], int(row["resp_p"])) if row["orig_p"] else only
        (lifecycle,) = found[ends]
        pairs.append((row, lifecycle))
    return pairs


@needs_cases
def test_zeek_conn_state() -> None:
    """Every row of grade A has the conn_state that Zeek gives."""
    pairs = zeek_rows()
    assert len(pairs) > 100
    assert [
        (row["trace"], row["conn_state"]) for row, ours in pairs if ours.outcome.conn_state != row["conn_state"]
    ] == []


@needs_cases
def test_zeek_history() -> None:
    """At least 95 in 100 histories are Zeek's, letter by letter; the others are listed with their reason, no more."""
    pairs = zeek_rows()
    different = {
        (row["trace"], row["orig_p"]) for row, ours in pairs if ours.outcome.history != row["history"].removeprefix("-")
    }
    assert different == set(DIFFERENT_HISTORIES)
    assert len(different) <= len(pairs) * 0.05


@needs_cases
def test_zeek_counts() -> None:
    """Packets and octets of data are Zeek's, where it counted them and saw the same sides."""
    for row, ours in zeek_rows():
        if (row["trace"], row["orig_p"]) in DIFFERENT_HISTORIES:
            continue
        assert ours.orig_sent
        assert ours.resp_sent
        packets = ours.orig_sent.packets, ours.resp_sent.packets
        octets = ours.orig_sent.octets, ours.resp_sent.octets
        assert row["orig_pkts"] in UNSAID or packets == (int(row["orig_pkts"]), int(row["resp_pkts"])), row
        assert row["orig_bytes"] in UNSAID or octets == (int(row["orig_bytes"]), int(row["resp_bytes"])), row


@needs_cases
def test_tcptrace() -> None:
    """Packets, flags and the verdict (complete, RESET or neither) are tcptrace's, by its own rules."""
    rows = table("tcptrace/pairs.tsv")
    assert len(rows) > 80
    taken: Counter[tuple[str, Ends]] = Counter()
    for row in rows:
        (a, a_port), (b, b_port) = row["a"].rsplit(":", 1), row["b"].rsplit(":", 1)
        ends = a, int(a_port), b, int(b_port)
        ours = connections(CASES / "tcptrace/input" / row["file"])[ends][taken[row["file"], ends]]
        taken[row["file"], ends] += 1
        assert tcptrace_says(ours, ends) == {name: row[name] for name in tcptrace_says(ours, ends)}, row


def tcptrace_says(ours: Lifecycle, ends: Ends) -> Row:
    """A connection in tcptrace's words (tcptrace, ConnComplete and ConnReset: both sides' SYN and FIN; any RST)."""
    assert ours.orig_sent
    assert ours.resp_sent
    sides = [(ours.orig_sent.packets, ours.outcome.orig_flags), (ours.resp_sent.packets, ours.outcome.resp_flags)]
    if ends_of(ours) != ends:
        sides.reverse()
    syns = sum(flags.syn + flags.syn_ack > 0 for _, flags in sides)
    fins = sum(flags.fin > 0 for _, flags in sides)
    verdict = "RESET" if any(flags.rst for _, flags in sides) else "yes" if syns == fins == 2 else "no"
    said = {"complete": verdict}
    for name, (packets, flags) in zip("ab", sides, strict=True):
        said |= {
            f"{name}_pkts": str(packets),
            f"{name}_syn": str(flags.syn + flags.syn_ack),
            f"{name}_fin": str(flags.fin),
            f"{name}_rst": str(flags.rst),
        }
    return said | ({"syns": str(syns), "fins": str(fins)} if verdict == "no" else {})


@needs_cases
def test_arkime() -> None:
    """The totals of every flag are Arkime's, summed over the connections that used the same ports."""
    rows = [row for row in table("arkime/pairs.tsv") if row["agree"] == "True"]
    assert len(rows) > 280
    for row in rows:
        ends = row["orig"], int(row["orig_p"]), row["resp"], int(row["resp_p"])
        found = connections(CASES / "arkime/pcap" / Path(row["file"]).name)[ends]
        total: Counter[str] = Counter()
        for ours in found:
            for flags, sent in ((ours.outcome.orig_flags, ours.orig_sent), (ours.outcome.resp_flags, ours.resp_sent)):
                assert sent
                total.update(syn=flags.syn, synack=flags.syn_ack, fin=flags.fin, rst=flags.rst)
                total.update(psh=sent.psh, ack=sent.ack, packets=sent.packets)
        packets = int(row["orig_pkts"]) + int(row["resp_pkts"])
        names = ("syn", "synack", "fin", "rst", "psh", "ack")
        assert total == Counter(packets=packets, **{name: int(row[name]) for name in names}), row
