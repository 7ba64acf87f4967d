"""The command line as a whole: help, versions, unknown words, completion."""

import subprocess

import pytest

from lastack import __version__
from lastack.cli.commands import COMMANDS
from tests.cli.running import lastack


def test_the_version_is_told() -> None:
    """By the quick road and by argparse's."""
    assert lastack("--version").stdout == f"lastack {__version__}\n"


def test_help_lists_every_command() -> None:
    """Each with its purpose, and the exit codes."""
    done = lastack("--help")
    assert done.returncode == 0
    words = " ".join(done.stdout.split())
    assert all(f"{name} " in words for name in COMMANDS)
    assert "exit codes" in words


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    """Its help says what it does."""
    done = lastack(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: lastack {name}")


def test_a_typing_error_is_met_with_the_nearest_command() -> None:
    """Exit code 2 and a hint."""
    done = lastack("cenus")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "lastack: there is no command 'cenus'",
        "hint: did you mean `lastack census`?",
    ]


def test_abbreviated_options_are_refused() -> None:
    """What works today must not mean something else tomorrow."""
    assert lastack("census", "--all").returncode == 2


def test_bash_completes_commands_and_options() -> None:
    """The script is valid, and knows an option of a command."""
    done = lastack("completion", "bash")
    assert done.returncode == 0
    subprocess.run(["bash", "-n"], input=done.stdout, text=True, check=True)
    assert "--all-netns" in done.stdout
