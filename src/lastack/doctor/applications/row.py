"""What a row about an application says."""

from typing import Literal, NamedTuple, get_args

__all__ = ["PROBLEMS", "Advice", "Application", "Problem"]

Problem = Literal["upstream-keepalive", "backlog", "accept", "close-wait", "idle", "dead-peer", "files"]

PROBLEMS: tuple[Problem, ...] = get_args(Problem)


class Advice(NamedTuple):
    """What helps against one problem.

    Attributes:
        problem: ``upstream-keepalive``: a connection for each request; ``backlog``: queues of a listener too short;
            ``accept``: it accepts too slowly; ``close-wait``: it does not close what its peer has closed; ``idle``:
            something on the way forgets idle connections; ``dead-peer``: the peer is gone, and it does not notice;
            ``files``: it may open too few.
        text: what the lines do, a sentence.
        where: the file or block that they belong in, or the language that they are in.
        lines: as they stand there. Names and numbers are examples.
        source: where the project documents them.
        ports: remote ports that it is about, for a client of such servers; empty: any other.
    """

    problem: Problem
    text: str
    where: str
    lines: tuple[str, ...]
    source: str
    ports: tuple[int, ...] = ()


class Application(NamedTuple):
    """An application, or a language that applications are written in.

    Attributes:
        name: as its project spells it.
        processes: names of its processes, patterns of fnmatch.
        advice: the best of each problem first.
    """

    name: str
    processes: tuple[str, ...]
    advice: tuple[Advice, ...]
