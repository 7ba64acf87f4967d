"""docs/reference/commands.md, from the argument parsers."""

import argparse
from collections.abc import Iterator

from docs.generate.markdown import page_of, table, text
from lastack.cli.commands import COMMANDS, add_command, whole

__all__ = ["page"]


def page() -> str:
    """Every command with its arguments."""
    overview = table(
        ["command", ""], [(f"[`lastack {name}`](#lastack-{name})", text(what)) for name, what in COMMANDS.items()]
    )
    parsers = (add_command(argparse.ArgumentParser(f"lastack {name}"), name) for name in COMMANDS)
    parts = [part for parser in parsers for part in _parts(parser, "##")]
    whole_line = whole()
    return page_of(
        "Commands",
        "the argument parsers",
        text(whole_line.description or ""),
        overview,
        text(_epilog(whole_line)),
        *parts,
    )


def _epilog(parser: argparse.ArgumentParser) -> str:
    """As a sentence of its own."""
    words = " ".join((parser.epilog or "").split())
    return f"{words[0].upper()}{words[1:]}. Data goes to stdout, everything else to stderr."


def _parts(parser: argparse.ArgumentParser, heading: str) -> Iterator[str]:
    """Heading, synopsis, description and arguments; then those of its sub-commands."""
    # argparse has no public list of a parser's arguments.
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]  # noqa: SLF001
    arguments = [action for action in actions if not isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
    yield f"{heading} {parser.prog}"
    if parser.description:
        yield text(parser.description.strip())
    yield f"```\n{' '.join([parser.prog, *map(_synopsis, actions)])}\n```"
    if arguments:
        yield table(["argument", "meaning"], [(f"`{_spelled(one)}`", _meaning(one)) for one in arguments])
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for command in action.choices.values():
                yield from _parts(command, f"{heading}#")


def _synopsis(action: argparse.Action) -> str:
    if not action.option_strings:
        return _operand(action)
    shortest = " ".join([action.option_strings[-1], _operand(action)]).strip()
    return shortest if action.required else f"[{shortest}]"


def _spelled(action: argparse.Action) -> str:
    """``-o, --output FILE``."""
    return " ".join(filter(None, [", ".join(action.option_strings), _operand(action)]))


def _operand(action: argparse.Action) -> str:
    """What stands for its value; nothing for a switch."""
    if action.nargs == 0:
        return ""
    choices = "|".join(map(str, action.choices)) if action.choices is not None else ""
    name = action.metavar if isinstance(action.metavar, str) else choices or action.dest.upper()
    many = {"+": f"{name}...", "*": f"[{name}...]", "?": f"[{name}]"}
    return many.get(str(action.nargs), name)


def _meaning(action: argparse.Action) -> str:
    return text((action.help or "") % {"default": action.default})
