"""Censuses: of a moment, and over time."""

from docs.generate.printed.document import Document, keys

__all__ = ["CENSUS", "CENSUS_GROUP", "DOCUMENTS", "SPAN"]

_COUNTS = {
    "total": "sockets",
    "states": "state to sockets; states without any are left out",
    "closes_per_second": "60 numbers, newest last: sockets that entered TIME_WAIT in that second and are in it still; "
    "`null` where the source shows no timers",
}
CENSUS = {
    "schema": "`lastack.census/1`",
    "taken_at": "when; `null` for a file that does not say",
    "kernel": "release; `null` as above",
    "netns": "`net:[inode]`, a name, or how many of how many namespaces; `null` as above",
    "source": "`sock_diag` or `proc`; for a file `netstat`, `ss`, `proc` or `snapshot`; of a recording `store`",
    "exact": "`false` where sockets changed during every dump (see [what exact means](../explanation/exact.md))",
    **_COUNTS,
    "by": "the [dimensions](dimensions.md) of the groups",
    "groups": "the largest `--top` groups, largest first",
    "rest": "all other groups together, as a group without `key`; `null` if there are none",
    "warnings": "what a reader of the numbers must know, a sentence each",
}
CENSUS_GROUP = {"key": "dimension to value; `null` where the sockets have no such thing", **_COUNTS}
SPAN = {
    "schema": "`lastack.census-span/1`",
    "samples": "how many the store has of that time",
    "states": "state to its `least`, `mean` and `most` sockets",
    "stretches": "the time in equal parts, those without a sample left out: `at_ms` (Unix milliseconds), `samples`, "
    "`states` as above",
}

DOCUMENTS = (
    Document(
        "census",
        "lastack.census/1",
        "`lastack census --json`; of what they have built, `lastack lab article --json` and `lastack lab build --json`",
        (keys(CENSUS), f"### Group\n\n{keys(CENSUS_GROUP)}"),
    ),
    Document(
        "census over time",
        "lastack.census-span/1",
        "`lastack census --between A B --json`",
        (keys(SPAN),),
    ),
)
