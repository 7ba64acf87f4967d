"""What we say of a file is what procps' sysctl and systemd-sysctl do with it, both run for real."""

from pathlib import Path
from random import Random

import pytest

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.alone import loaded as load_lines
from lastack.settings.lint.judge import Judged, judge, read_files
from lastack.settings.lint.scene import View
from lastack.settings.lint.values import plain
from lastack.settings.release import parse_release
from tests.kernel.private import run_private
from tests.settings.sysctld.loaders import KEYS, PROCPS, SYSTEMD, load

pytestmark = pytest.mark.skipif(not (PROCPS and SYSTEMD), reason="sysctl and systemd-sysctl are not both installed")

VIEW = View(parse_release("6.18"))
FIN = b"net.ipv4.tcp_fin_timeout"
REUSE = b"net.ipv4.tcp_tw_reuse"
ALIVE = b"net.ipv4.tcp_keepalive"

FILES = {
    "plain": FIN + b" = 30\n",
    "slashes": b"net/ipv4/tcp_fin_timeout=30\n",
    "leading-slash": b"/net/ipv4/tcp_fin_timeout=30\n",
    "mixed-separators": b"net.ipv4/tcp_fin_timeout=30\n",
    "path": b"/proc/sys/net/ipv4/tcp_fin_timeout=30\n",
    "dash": b"-" + FIN + b"=30\n",
    "dash-and-space": b"- " + FIN + b"=30\n",
    "two-dashes": b"--" + FIN + b"=30\n",
    "unknown-then-good": b"net.ipv4.nonsense=1\n" + FIN + b"=30\n",
    "refused-then-good": REUSE + b"=30\n" + FIN + b"=30\n",
    "comments": b"  # " + FIN + b"=30\n ; " + FIN + b"=30\n",
    "comment-behind": FIN + b" = 30 # seconds\n",
    "comment-attached": FIN + b" = 30# seconds\n",
    "crlf": FIN + b" = 30\r\n" + REUSE + b" = 1\r\n",
    "cr": FIN + b" = 30\r" + REUSE + b" = 1\r",
    "no-newline": FIN + b" = 30",
    "no-equals": FIN + b" 30\n" + REUSE + b" = 1\n",
    "no-value": FIN + b" =\n" + REUSE + b" = 1\n",
    "one-letter": b"x\n" + REUSE + b" = 1\n",
    "pattern": ALIVE + b"_* = 8\n",
    "pattern-then-key": ALIVE + b"_* = 8\n" + ALIVE + b"_time = 600\n",
    "key-then-pattern": ALIVE + b"_time = 600\n" + ALIVE + b"_* = 8\n",
    "pattern-and-exclusion": ALIVE + b"_* = 8\n-" + ALIVE + b"_time\n",
    "pattern-in-exclusion": ALIVE + b"_* = 8\n-" + ALIVE + b"_i*\n",
    "key-then-exclusion": FIN + b" = 30\n-" + FIN + b"\n",
    "exclusion-then-key": b"-" + FIN + b"\n" + FIN + b" = 30\n",
    "two-patterns": ALIVE + b"_* = 8\n" + ALIVE + b"_t* = 99\n",
    "two-patterns-turned": ALIVE + b"_t* = 99\n" + ALIVE + b"_* = 8\n",
    "twice": FIN + b" = 30\n" + FIN + b" = 40\n",
    "twice-by-other-names": FIN + b" = 30\nnet/ipv4/tcp_fin_timeout = 40\n",
    "good-then-refused": REUSE + b" = 1\n" + REUSE + b" = 7\n",
    "good-excluded-refused": REUSE + b" = 1\n-" + REUSE + b"\n" + REUSE + b" = 7\n",
    "byte-order-mark": b"\xef\xbb\xbf" + FIN + b" = 30\n",
    "zero-width": b"net.ipv4.tcp_fin\xe2\x80\x8b_timeout = 30\n",
    "no-break-space": FIN + b"\xc2\xa0= 30\n",
    "no-break-space-in-value": FIN + b" =\xc2\xa030\n",
    "repeated-dots": b"net..ipv4.tcp_fin_timeout = 30\n",
    "climbing": b"net/ipv4/../ipv4/tcp_fin_timeout = 30\n",
    "brackets": b"net.ipv4.tcp_fin_timeou[t] = 30\n",
    "braces": b"net.ipv4.tcp_{fin_timeout,tw_reuse} = 1\n",
    "upper-case": FIN.upper() + b" = 30\n",
    "quotes": FIN + b' = "30"\n',
    "two-equals": FIN + b" == 30\n",
    "nul": FIN + b" = 30\0junk\n" + REUSE + b" = 1\n",
    "continued": FIN + b" = \\\n30\n",
    "trailing-dot": FIN + b". = 30\n",
    "space-in-key": b"net.ipv4.tcp_fin timeout = 30\n",
    "vertical-tab": b"\v" + FIN + b" = 30\v\n",
    "command": b"sysctl -w " + FIN + b"=30\n",
    "no-key": b" = 30\n" + REUSE + b" = 1\n",
    "folder": b"net.ipv4 = 30\n",
    "hexadecimal": FIN + b" = 0x1e\n",
    "octal": FIN + b" = 036\n",
    "plus": FIN + b" = +30\n",
}


def expected(content: bytes) -> dict[str, str]:
    """What we say that each key is after procps loaded the file."""
    entries = read_files([("f", content)])
    setters = load_lines(entries, VIEW)[1].setters
    return {
        key: plain(SETTINGS[key], setters[key][-1].value) if key in setters else start for key, start in KEYS.items()
    }


def said(content: bytes) -> list[Judged]:
    """The verdicts on the file."""
    return judge(read_files([("f", content)]), VIEW)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, str]]]:
    """What both programs make of each file."""
    folder: Path = tmp_path_factory.mktemp("loaded")
    return run_private(load, FILES, str(folder))


# Lines that one program takes and we call malformed: they are to be repaired, not relied on.
TAKEN_ANYWAY = {"two-dashes", "climbing", "nul", "vertical-tab", "cr"}


@pytest.mark.parametrize("name", FILES)
def test_a_file_does_what_we_say(name: str, loaded: dict[str, dict[str, dict[str, str]]]) -> None:
    """Every key has the value that our reading of the file gives it: by procps, or where it balks by systemd."""
    predicted = expected(FILES[name])
    if name in TAKEN_ANYWAY:
        assert any(item.verdict == "malformed" for item in said(FILES[name]))
    else:
        assert predicted in loaded[name].values()


@pytest.mark.parametrize("name", FILES)
def test_where_the_two_programs_disagree_we_say_so(name: str, loaded: dict[str, dict[str, dict[str, str]]]) -> None:
    """A file that the two leave different settings of has a line that is malformed or names the difference."""
    agree = loaded[name]["procps"] == loaded[name]["systemd"]
    warned = any(
        item.verdict == "malformed" or ("procps" in item.message and "systemd" in item.message)
        for item in said(FILES[name])
    )
    assert agree or warned


def random_file(random: Random) -> bytes:
    """Lines of every kind, for few keys, so that they meet."""
    keys = [key.encode() for key in KEYS] + [key.replace(".", "/").encode() for key in KEYS] + [b"net.ipv4.nonsense"]
    patterns = [ALIVE + b"_*", ALIVE + b"_[it]*", b"net.ipv4.tcp_*_timeout", b"net/ipv4/tcp_keepalive_?ime"]
    values = [b"1", b"2", b"7", b"30", b"300", b"", b"x", b"1 # c", b"0x10", b"-1"]
    lines = []
    for _ in range(random.randrange(1, 8)):
        key, value = random.choice(keys), random.choice(values)
        lines.append(
            random.choice(
                [
                    key + b" = " + value,
                    key + b"=" + value,
                    b"-" + key + b" = " + value,
                    b"-" + key,
                    random.choice(patterns) + b" = " + random.choice(values),
                    b"# " + key + b" = " + value,
                    key,
                ]
            )
        )
    return b"\n".join(lines) + b"\n" * random.randrange(2)


def test_random_files_do_what_we_say(tmp_path: Path) -> None:
    """400 files of random lines leave every setting as we say for procps; where systemd differs, a line says so."""
    random = Random(4)  # noqa: S311 - the same files every time
    files = {f"{number}.conf": random_file(random) for number in range(400)}
    for name, results in run_private(load, files, str(tmp_path)).items():
        assert results["procps"] == expected(files[name]), files[name]
        if results["systemd"] != results["procps"]:
            assert any("systemd" in item.message for item in said(files[name])), files[name]
