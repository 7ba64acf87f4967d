"""The two tables, as they were published."""

from collections import Counter

import pytest

from lastack.lab.article import article

PUBLISHED = {
    "before": "LAST_ACK 7 LISTEN 9 SYN_RECV 2 CLOSE_WAIT 125 ESTABLISHED 1070 FIN_WAIT1 17 FIN_WAIT2 247 CLOSING 4"
    " TIME_WAIT 25087",
    "after": "LAST_ACK 140 LISTEN 9 SYN_RECV 7 CLOSE_WAIT 2 ESTABLISHED 972 FIN_WAIT1 21 FIN_WAIT2 152 CLOSING 2"
    " TIME_WAIT 682",
}


@pytest.mark.parametrize(("after", "table"), [(False, "before"), (True, "after")])
def test_the_cohorts_are_the_table(table: str, *, after: bool) -> None:
    """Every state with its number, and nothing else; nine listeners on nine ports, one of which hears the clients."""
    words = PUBLISHED[table].split()
    counts: Counter[str] = Counter()
    for cohort in article(after=after):
        counts[cohort.state] += cohort.count
    assert counts == dict(zip(words[::2], map(int, words[1::2]), strict=True))
    listening = [cohort.port for cohort in article(after=after) if cohort.state == "LISTEN"]
    assert len(set(listening)) == 9
    assert {cohort.port for cohort in article(after=after) if cohort.state != "LISTEN"} <= set(listening)
