"""The table of rules."""

import re

from lastack.doctor.rules import RULES
from lastack.model.model import Model
from lastack.model.sample import Conntrack, OpenFiles, Promise
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
    model(
        conntrack=Conntrack(count=100, max=100),
        files=[OpenFiles(process="nginx/7", open=1024, limit=1024)],
        memory_pressure=True,
        promises=[Promise(key="net.ipv4.tcp_tw_recycle", value="1", file="/etc/sysctl.conf", line=3)],
        sockstat={"TCP": {"orphan": 5000, "mem": 300}},
        listeners=[listener(50_051)],
        settings={
            "net.core.netdev_max_backlog": "1000",
            "net.ipv4.tcp_abort_on_overflow": "1",
            "net.ipv4.tcp_fin_timeout": "90",
            "net.ipv4.tcp_keepalive_probes": "0",
            "net.ipv4.tcp_max_orphans": "4096",
            "net.ipv4.tcp_max_tw_buckets": "5000",
            "net.ipv4.tcp_mem": "100 200 300",
            "net.ipv4.tcp_timestamps": "0",
            "net.ipv4.tcp_tw_recycle": "1",
            "net.netfilter.nf_conntrack_max": "100",
        },
    ),
    Model.of(sample(source="proc", settings=dict.fromkeys(model().settings), bound_ports=None)),
]

# Removed from the kernel, harmful, or without effect: all that may be advised is what undoes them.
UNDONE = {
    "net.ipv4.tcp_tw_recycle": "0",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_abort_on_overflow": "0",
}
# Limits that old recipes lower.
UPWARDS = {"net.ipv4.tcp_max_orphans", "net.ipv4.tcp_max_tw_buckets", "net.netfilter.nf_conntrack_max"}


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
    """No setting that is gone or does harm, other than to undo it; limits only upwards."""
    for host in HOSTS:
        for rule in RULES:
            for remedy in getattr(rule.check(host), "remedies", []):
                assert remedy.value == UNDONE.get(remedy.key, remedy.value)
                if remedy.key in UPWARDS:
                    assert int(remedy.value) > int(host.settings[remedy.key])


def test_settings_name_key_and_value_and_nothing_else_does() -> None:
    """So that a plan can be made of them."""
    for host in HOSTS:
        for rule in RULES:
            for remedy in getattr(rule.check(host), "remedies", []):
                assert (remedy.kind == "setting") == bool(remedy.key) == bool(remedy.value)


# No experiment of the lab's is about these.
UNCLAIMED = {"zero-window": "RFC 9293 section 3.8.6.1 as every kernel does it; nobody believes otherwise"}


def test_every_rule_names_the_claims_behind_it() -> None:
    """Ids of experiments, or a reason why there is none."""
    assert {rule.id for rule in RULES if not rule.claims} == set(UNCLAIMED)
    assert all(UNCLAIMED.values())
