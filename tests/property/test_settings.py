"""Laws of sysctl files, values, lint and its fixes: they hold for any bytes."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.fix import fix
from lastack.settings.lint.judge import judge, read_files
from lastack.settings.lint.scene import View
from lastack.settings.lint.spelling import Speller
from lastack.settings.lint.values import Bad, fault, numbers, plain, ports
from lastack.settings.lint.verdict import VERDICTS
from lastack.settings.release import parse_release
from lastack.settings.sysctld.grammar import parse
from lastack.settings.topics import alike, find, meant

RELEASES = st.sampled_from(["2.6.32", "3.10", "4.9", "4.18.0-553.el8", "5.4", "5.15.0-91-generic", "6.18", "7.1"])
KEYS = st.sampled_from(list(SETTINGS))
WORDS = st.sampled_from(
    ["0", "1", "2", "-1", "010", "0x10", "60", "5000", "1024 65000", "1,2", "yes", "", "1 # c", "99999999999"]
)
# What a fix leaves alone, whatever else it changes.
HARMLESS = {"ok", "no-effect"}
# Bytes of the kind that files are made of, so that they get further than noise does.
PIECES = st.one_of(
    KEYS.map(str.encode),
    WORDS.map(str.encode),
    st.sampled_from([b" = ", b"=", b"\n", b"\r\n", b"#", b";", b"-", b"/", b".", b"*", b"?", b"[", b" ", b"\t", b"\0"]),
    st.sampled_from(
        [b"sysctl -w ", b"echo ", b" > /proc/sys/", b"\xef\xbb\xbf", b"\xe2\x80\x8b", b"\xc2\xa0", b"\xff"]
    ),
    st.binary(max_size=4),
)
FILES = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(b"".join))
LIVE = st.one_of(st.none(), st.dictionaries(KEYS, WORDS, max_size=8))


@given(FILES, RELEASES, LIVE)
@settings(max_examples=400, deadline=None)
def test_any_bytes_get_verdicts(content: bytes, release: str, live: dict[str, str] | None) -> None:
    """Each line that is no comment and not blank gets one of the eight, with a message; nothing raises."""
    view = View(parse_release(release), live)
    judged = judge(read_files([("f", content)]), view)
    wanted = [line.number for line in parse(content) if line.kind not in {"blank", "comment"}]
    assert [item.line for item in judged] == wanted
    assert all(item.verdict in VERDICTS and item.message for item in judged)


@given(FILES)
@settings(max_examples=300, deadline=None)
def test_no_byte_of_a_file_is_lost(content: bytes) -> None:
    """Lines joined again are the file."""
    text = "\n".join(line.text for line in parse(content)) + ("\n" if content.endswith(b"\n") else "")
    assert text.encode("utf-8", "surrogateescape") == content


@given(FILES, RELEASES)
@settings(max_examples=300, deadline=None)
def test_a_fixed_file_needs_no_fixing_and_only_unknown_keys_fail_in_it(content: bytes, release: str) -> None:
    """Once is enough, for any file."""
    view = View(parse_release(release))
    fixed = fix(content, view)
    assert fix(fixed, view) == fixed
    left = {item.verdict for item in judge(read_files([("f", fixed)]), view)}
    assert left <= {"ok", "no-effect", "unknown"}


@given(FILES, RELEASES)
@settings(max_examples=200, deadline=None)
def test_a_fix_keeps_what_need_not_change(content: bytes, release: str) -> None:
    """Lines that no verdict speaks against are all there, in their order."""
    view = View(parse_release(release))
    blamed = {item.line for item in judge(read_files([("f", content)]), view) if item.verdict not in HARMLESS}
    kept = [line.text for line in parse(content) if line.number not in blamed]
    fixed = iter([line.text for line in parse(fix(content, view))])
    assert all(text in fixed for text in kept)


@given(KEYS, st.one_of(WORDS, st.text(max_size=12)))
@example("net.ipv4.ip_local_port_range", "00\r")  # space to Python, none to the kernel
def test_a_value_as_the_kernel_prints_it_stays_so(key: str, text: str) -> None:
    """Printing what was printed changes nothing, and it is as good as what was written."""
    row = SETTINGS[key]
    printed = plain(row, text)
    assert plain(row, printed) == printed
    assert fault(row, text) is not None or fault(row, printed) is None


@given(st.text(max_size=40), st.integers(1, 3))
def test_numbers_are_numbers_or_say_why_not(text: str, count: int) -> None:
    """At most as many as asked for, or a problem."""
    found = numbers(text, count)
    assert found.problem if isinstance(found, Bad) else 1 <= len(found) <= count


@given(st.lists(st.tuples(st.integers(0, 65_535), st.integers(0, 65_535)).map(sorted), max_size=9))
def test_port_lists_are_read_as_they_are_printed(ranges: list[list[int]]) -> None:
    """Ranges out, text in, ranges out."""
    text = ",".join(f"{low}-{high}" for low, high in ranges)
    assert ports(text) == tuple((low, high) for low, high in ranges)


@given(KEYS, st.data())
def test_a_key_less_one_letter_is_understood_or_left_alone(key: str, data: st.DataObject) -> None:
    """What is meant is then a key whose name is one letter away."""
    at = data.draw(st.integers(key.rindex(".") + 1, len(key) - 1))
    found = Speller(SETTINGS).nearest(key[:at] + key[at + 1 :])
    assert found is None or abs(len(found.rpartition(".")[2]) - len(key.rpartition(".")[2])) <= 2


@given(st.text(max_size=30))
@settings(deadline=None)
def test_any_topic_is_found_or_not(name: str) -> None:
    """Looking for a page never raises, and offers are topics."""
    assert all(find(topic.name) for topic in alike(name))
    guess = meant(name)
    assert guess is None or find(guess.name) == guess
