"""The first screen of the README holds what it promises, and CI runs what it says."""

import re

from docs.sessions import ROOT

from lastack.cli.commands import COMMANDS

README = (ROOT / "README.md").read_text("utf-8")
FIRST_SCREEN = README.partition("\n## ")[0]


def commands() -> list[str]:
    """The command lines of the first screen, without their comments."""
    (block,) = re.findall(r"^```sh\n(.*?)^```$", FIRST_SCREEN, re.MULTILINE | re.DOTALL)
    return [line.partition("#")[0].strip() for line in block.splitlines()]


def test_two_commands_suffice() -> None:
    """The first screen has the command that sets up and reports, and the one that tests, and no third."""
    assert commands() == ["make run", "make test"]


def test_they_are_targets_and_ci_runs_the_second() -> None:
    """Both are targets of the Makefile; CI runs the same test command, with the kernel's tests compulsory."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in commands():
        assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE)
    assert f"\nLASTACK_KERNEL_TESTS=1 {commands()[-1]} " in (ROOT / ".ci/run").read_text("utf-8")


def test_every_command_is_in_the_table() -> None:
    """The README lists the commands that there are, and no others."""
    listed = re.findall(r"^\| `lastack (\w+)` \|", README, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def test_the_first_screen_shows_the_articles_host() -> None:
    """What it shows is the report on the article's 25,087 TIME_WAIT, which the sessions' test runs."""
    assert "<!-- scene: article -->\n```console\n$ lastack\n" in FIRST_SCREEN
    assert "25,087 TIME_WAIT, harmless" in FIRST_SCREEN
