"""Laws of recordings: whatever frames follow one another, packing loses nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lastack.model.sample import Sample
from lastack.store.frame import Frame, to_frame, to_sample
from lastack.store.pack import NOTHING, pack, unpack
from tests.model.samples import SERVED, closed, cohort, listener, sample

NAMES = st.sampled_from(["a", '["cohort",1]', '["bound"]', "d"])
NUMBERS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63), max_size=4),
    st.lists(st.integers(0, 9), min_size=61, max_size=61),
    st.lists(st.integers(0, 9), min_size=62, max_size=62),
).map(tuple)
FRAMES = st.builds(
    Frame, st.just("2026-03-01T12:00:00Z"), st.floats(0, 1e7, allow_nan=False), st.dictionaries(NAMES, NUMBERS)
)
CLOSES = st.dictionaries(st.integers(0, 59), st.integers(1, 10**6), min_size=1)
TEXT = st.text(max_size=8)
HOLDERS = st.lists(st.sampled_from(["httpd/1", "nginx/2", "sshd/3", "app/4"]), unique=True)
PORTS = st.lists(st.integers(1, 9), unique=True).map(sorted)


@st.composite
def _samples(draw: st.DrawFn) -> Sample:
    held = [cohort("ESTABLISHED", 9 - at, process=name) for at, name in enumerate(draw(HOLDERS))]
    return sample(*held, listeners=[listener(port) for port in draw(PORTS)])


SAMPLES = _samples()


@given(st.lists(FRAMES, max_size=6))
def test_a_chain_of_any_frames_leads_back(frames: list[Frame]) -> None:
    """Each frame from the one before, whatever names come, go, and change the count of their numbers."""
    written = read = NOTHING
    for frame in frames:
        packed, written = pack(frame, written)
        read = unpack(packed, read)
        assert read == frame
        assert list(read.table) == list(written.table)


@given(CLOSES, TEXT, TEXT, st.none() | st.lists(st.integers(1, 65_535)))
def test_a_sample_of_any_text_comes_back(closes: dict[int, int], process: str, why: str, bound: Any) -> None:  # noqa: ANN401 - as sample has it
    """Names of processes and reasons are text of others: quotes, controls and all."""
    one = sample(
        closed(dict(sorted(closes.items())), **SERVED),
        cohort("ESTABLISHED", 1, process=process),
        bound_ports=bound,
        unseen={"processes": why},
    )
    back = to_sample(to_frame(one))
    assert sorted(map(str, back.cohorts)) == sorted(map(str, one.cohorts))
    assert (back.unseen, back.bound_ports) == (one.unseen, one.bound_ports)


@given(st.lists(SAMPLES, max_size=8))
def test_a_recording_of_changing_hosts_comes_back(samples: list[Sample]) -> None:
    """Programs, listeners and clients come and go in any order; each sample is read back as it was."""
    written = read = NOTHING
    for sample_ in samples:
        packed, written = pack(to_frame(sample_), written)
        read = unpack(packed, read)
        assert to_sample(read) == sample_


@given(st.binary(max_size=200))
def test_noise_is_an_error_or_a_frame(noise: bytes) -> None:
    """Bytes that nobody packed raise ValueError and nothing else."""
    try:
        unpack(noise, NOTHING)
    except ValueError:
        return
