"""The article's census: a busy web server before and after a page of sysctl lines, as cohorts."""

from lastack.lab.cohorts import Cohort

__all__ = ["AFTER", "BEFORE", "article"]

BEFORE = {
    "LAST_ACK": 7,
    "LISTEN": 9,
    "SYN_RECV": 2,
    "CLOSE_WAIT": 125,
    "ESTABLISHED": 1070,
    "FIN_WAIT1": 17,
    "FIN_WAIT2": 247,
    "CLOSING": 4,
    "TIME_WAIT": 25_087,
}

AFTER = {
    "LAST_ACK": 140,
    "LISTEN": 9,
    "SYN_RECV": 7,
    "CLOSE_WAIT": 2,
    "ESTABLISHED": 972,
    "FIN_WAIT1": 21,
    "FIN_WAIT2": 152,
    "CLOSING": 2,
    "TIME_WAIT": 682,
}

# The article does not say what its nine listeners are: what a web server of its time had open.
_LISTENING = (21, 22, 25, 80, 110, 143, 443, 3306, 8080)


def article(*, after: bool = False) -> list[Cohort]:
    """The first table, or the second; the clients come to port 80."""
    table = AFTER if after else BEFORE
    listeners = [Cohort("LISTEN", 1, port=port) for port in _LISTENING]
    return listeners + [Cohort(state, count) for state, count in table.items() if state != "LISTEN"]
