"""The options of commands that ask Prometheus, as a user gives them."""

import subprocess
import sys

import pytest

from tests.cli.running import lastack

URL = ["--prometheus", "http://127.0.0.1:9"]


@pytest.mark.parametrize(
    ("arguments", "code", "slug"),
    [
        ([], 2, "--prometheus"),
        (["--prometheus", "nowhere"], 2, "no address"),
        ([*URL, "--range", "5s"], 2, "no scrape"),
        ([*URL, "--header", "Authorization"], 2, "NAME:VALUE"),
        ([*URL, "--header", "A:b\r\nC:d"], 2, "NAME:VALUE"),
        ([*URL, "--header", "A b:c"], 2, "NAME:VALUE"),
        (URL, 3, "does not answer"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: list[str], code: int, slug: str) -> None:
    """Usage is 2; a server that is not there is 3."""
    done = lastack("fleet", "doctor", *arguments)
    assert done.returncode == code
    assert slug in done.stderr
    assert done.stdout == ""


def test_without_httpx_it_says_what_to_install() -> None:
    """The extra by its name."""
    program = (
        "import sys; sys.modules['httpx'] = None; from lastack.cli.main import main;"
        f"main(['fleet', 'doctor', *{URL!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "lastack[fleet]" in done.stderr
