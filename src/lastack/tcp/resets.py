"""Why a reset was sent, as far as one can tell from what its sender had done before."""

__all__ = ["CAUSES", "cause"]

CAUSES = {
    "refused": "a SYN was answered by a reset: nobody listens there, or a firewall says so",
    "gave-up": "the client reset its own unanswered SYN",
    "unwanted": "a SYN-ACK was answered by a reset: a scan, or a client that had given up or never asked",
    "aborted": "open at the sender, which discarded it: SO_LINGER 0, data left unread, a crash, a timeout",
    "too-late": "the sender had closed, then more data came: its program no longer read",
    "unknown": "the sender knew no such connection (any more)",
}


def cause(state: str | None, peer_state: str | None, *, acknowledged: bool) -> str:
    """A key of ``CAUSES``.

    Args:
        state: the sender's TCP state when it sent the reset, None if it had shown none.
        peer_state: the other side's.
        acknowledged: the handshake's last segment had been seen.
    """
    if state is None and peer_state == "SYN_SENT":
        return "refused"
    if state == "SYN_SENT":
        return "gave-up"
    if state == "ESTABLISHED" and peer_state == "SYN_RECV" and not acknowledged:
        return "unwanted"
    if state in {"SYN_RECV", "ESTABLISHED", "CLOSE_WAIT"}:
        return "aborted"
    return "too-late" if state in {"FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK", "TIME_WAIT"} else "unknown"
