"""The table of rules."""

import re

from lastack.doctor.rules import RULES
from lastack.model.model import Model
from tests.model.samples import article, closed, cohort, later, listener, model, sample

HOSTS = [
    model(),
    Model.of(article()),
    later(article(), article(), ListenOverflows=9, SyncookiesSent=9, TCPTimeWaitOverflow=9),
    model(
        cohort("CLOSE_WAIT", 500),
        cohort("SYN_RECV", 500, role="passive", local="10.0.0.1", local_port=80),
        closed(dict.fromkeys(range(60), 470), role="active", local="10.0.0.1", remote="10.0.0.2", remote_port=80),
        listeners=[listener(queue=500)],
        settings={"net.ipv4.tcp_syncookies": "0", "net.ipv4.tcp_max_tw_buckets": "0"},
    ),
    Model.of(sample(source="proc", settings=dict.fromkeys(model().settings), bound_ports=None)),
]

# What must never be advice, whatever the trouble (removed from the kernel, harmful, or without effect).
NEVER = {
    "net.ipv4.tcp_tw_recycle",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_abort_on_overflow",
}


def test_ids_are_slugs_and_unique() -> None:
    """They name pages and JSON values."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) for name in ids)


def test_verdicts_carry_the_id_of_their_row() -> None:
    """Whatever the answer."""
    for host in HOSTS:
        for rule in RULES:
            assert rule.check(host).id == rule.id


def test_every_rule_explains_itself() -> None:
    """In paragraphs without stray spaces."""
    for rule in RULES:
        paragraphs = rule.explanation.split("\n\n")
        assert len(paragraphs) >= 2
        assert all(paragraph == " ".join(paragraph.split()) for paragraph in paragraphs)


def test_no_remedy_is_harmful() -> None:
    """No setting that is gone or does harm; tcp_max_tw_buckets only upwards."""
    for host in HOSTS:
        for rule in RULES:
            for remedy in getattr(rule.check(host), "remedies", []):
                assert remedy.key not in NEVER
                if remedy.key == "net.ipv4.tcp_max_tw_buckets":
                    assert int(remedy.value) > int(host.settings[remedy.key])


def test_settings_name_key_and_value_and_nothing_else_does() -> None:
    """So that a plan can be made of them."""
    for host in HOSTS:
        for rule in RULES:
            for remedy in getattr(rule.check(host), "remedies", []):
                assert (remedy.kind == "setting") == bool(remedy.key) == bool(remedy.value)
