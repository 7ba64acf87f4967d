"""The rows of the claims, and everything elsewhere that names one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lastack.lab.claims.rows import CLAIMS
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.states.rows import STATE_GUIDES

SOURCE = Path(__file__).parents[3] / "src/lastack"
RECIPE = (
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.tcp_tw_recycle",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.ip_local_port_range",
)


def test_ids_are_slugs() -> None:
    """Words in lower case, joined by hyphens; those of IPv6 say so at their end, and have their like of IPv4."""
    for slug, claim in CLAIMS.items():
        assert slug == claim.id
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", slug)
        assert slug.endswith("-ipv6") == (claim.family == 6)
        assert slug.removesuffix("-ipv6") in CLAIMS


def test_statements_are_sentences_with_a_source() -> None:
    """One sentence each, with the kernel's file, a commit, an RFC or a manual page behind it."""
    for claim in CLAIMS.values():
        assert claim.statement.endswith("."), claim.id
        assert "\n" not in claim.statement
        assert re.search(r"net/|include/|commit [0-9a-f]{12}|RFC \d+|\(\d\)", claim.source), claim.id
    assert len({claim.statement for claim in CLAIMS.values()}) == len(CLAIMS)


def test_settings_are_in_the_catalogue() -> None:
    """A claim is about settings that have a row there."""
    assert [key for claim in CLAIMS.values() for key in claim.settings if key not in SETTINGS] == []


def test_there_are_sixty_and_more() -> None:
    """Without counting those that only repeat one over IPv6, or that no namespace can test."""
    machines = {"max-orphans-resets-the-next-close", "tcp-mem-full-cuts-off"}
    machines |= {"netdev-backlog-is-no-listen-backlog", "conntrack-max-drops-new-connections"}
    assert len([slug for slug, claim in CLAIMS.items() if claim.family == 4 and slug not in machines]) >= 60


def test_each_line_of_the_recipe_has_several() -> None:
    """At least three each, what it does and what it does not."""
    counts = {key: sum(key in claim.settings for claim in CLAIMS.values()) for key in RECIPE}
    assert min(counts.values()) >= 3, counts


def test_every_id_named_elsewhere_exists() -> None:
    """In the rows of settings and states, and wherever else the source says ``claims=``: rules of the doctor."""
    named = {slug for row in SETTINGS.values() for slug in row.claims}
    named |= {slug for guide in STATE_GUIDES.values() for slug in guide.claims}
    written = {slug for path in SOURCE.rglob("*.py") for slug in _written(ast.parse(path.read_text("utf-8")))}
    assert sorted((named | written) - set(CLAIMS)) == []
    assert named


def _written(module: ast.Module) -> Iterator[str]:
    """The strings in the keyword arguments ``claims`` of a module."""
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == "claims":
            constants = (part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant))
            yield from (value for value in constants if isinstance(value, str))


def test_the_catalogue_names_every_claim() -> None:
    """A setting's row has all the claims that are about it first of all."""
    missing = {
        slug: claim.settings[0]
        for slug, claim in CLAIMS.items()
        if claim.family == 4 and claim.settings and slug not in SETTINGS[claim.settings[0]].claims
    }
    assert missing == {}
