"""Which line wins a key."""

from lastack.settings.lint.alone import loaded
from lastack.settings.lint.judge import read_files
from lastack.settings.lint.scene import View
from lastack.settings.release import parse_release
from lastack.settings.sysctld.loading import matches

KEY = "net.ipv4.tcp_fin_timeout"


def winner(*files: bytes) -> str:
    """Where the winning line for the key stands."""
    entries = read_files([(f"f{number}", content) for number, content in enumerate(files)])
    setters = loaded(entries, View(parse_release("6.18")))[1].setters
    return setters[KEY][-1].where if KEY in setters else ""


def test_the_last_line_of_the_last_file_wins() -> None:
    """Files in their order, lines in theirs."""
    assert winner(b"net.ipv4.tcp_fin_timeout=1\n", b"x=1\nnet/ipv4/tcp_fin_timeout=2\n") == "line 2 of f1"


def test_a_refused_line_wins_nothing() -> None:
    """What the kernel does not take leaves the line before it in place."""
    assert winner(b"net.ipv4.tcp_fin_timeout=1\nnet.ipv4.tcp_fin_timeout=soon\n") == "line 1"


def test_a_key_of_its_own_keeps_patterns_out() -> None:
    """Wherever it stands, and even where it is refused."""
    assert winner(b"net.ipv4.tcp_fin_timeout=1\nnet.ipv4.tcp_fin_*=2\n") == "line 1"
    assert winner(b"net.ipv4.tcp_fin_*=2\nnet.ipv4.tcp_fin_timeout=soon\n") == ""


def test_of_patterns_the_last_wins_and_exclusions_keep_them_out() -> None:
    """Two that match follow the order of lines."""
    assert winner(b"net.ipv4.tcp_fin_*=2\nnet.ipv4.tcp_f*=3\n") == "line 2"
    assert winner(b"net.ipv4.tcp_fin_*=2\n-net.ipv4.tcp_fin_timeout\n") == ""


def test_a_star_stays_between_separators() -> None:
    """As in a path: it stands for no separator, a bracket for one character."""
    assert matches("net.ipv4.tcp_[ft]*", KEY)
    assert not matches("net.*", KEY)
    assert not matches("net.ipv4.tcp_[!f]*", KEY)
    assert not matches("*.*.*.*", KEY)
