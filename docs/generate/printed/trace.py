"""Connections and sockets, and what they add up to."""

from docs.generate.printed.document import Document, keys
from lastack.cli.trace_ends import SCHEMA as END_SCHEMA
from lastack.cli.trace_report import SCHEMA as TRACE_SCHEMA
from lastack.cli.trace_summary import SCHEMA as SUMMARY_SCHEMA

__all__ = ["DOCUMENTS", "TRACE", "TRACE_END", "TRACE_SUMMARY"]

TRACE = {
    "schema": f"`{TRACE_SCHEMA}`",
    "orig_h": "address of the side that opened the connection",
    "orig_p": "its port",
    "resp_h": "address of the other side",
    "resp_p": "its port",
    "conn_state": "Zeek's word for what became of it (see [lifecycles](../explanation/lifecycles.md))",
    "history": "Zeek's letters for what was seen, in order; `null` live",
    "handshake": "`kind`: `three-way`, `simultaneous`, `syn-only`, `refused`, `none` (not seen); `rtt_us`: the last "
    "SYN to the ACK; `time_us`: the first SYN to the ACK; `syn_retransmits`; `syn_ack_retransmits`",
    "teardown": "`kind`: `four-segment`, `three-segment`, `simultaneous`, `half-closed`, `reset`, `none` or null "
    "(live: one side alone does not tell); `active_closer`: `orig`, `resp`, `both` or null; `reset_by`; "
    "`reset_cause`; `reset_reason`: the kernel's own word, live",
    "time_wait": "who is left in TIME_WAIT: `orig`, `resp`, `both`, `none`",
    "time_wait_until": "when that ends: 60 s after it began, by arithmetic; or null",
    "took_over_time_wait": "whose TIME_WAIT, of the connection before, it took over: `orig`, `resp`, or null; live",
    "orig_pkts": "segments of the originator; `null` live",
    "resp_pkts": "of the responder",
    "orig_bytes": "octets of data of the originator, by sequence numbers; `null` live",
    "resp_bytes": "of the responder",
    "start": "when the first event was seen",
    "duration_s": "from then to the last event before both sides had closed",
    "orig_states": "the originator's states, each with `at_us`: microseconds from `start`, `null` where it was in the "
    "state before anything was seen",
    "resp_states": "the responder's",
    "orig_process": "the program at the originator's end; `null` where it was not seen, and in captures",
    "resp_process": "the one at the responder's",
}
TRACE_SUMMARY = {
    "schema": f"`{SUMMARY_SCHEMA}`",
    "connections": "how many",
    "packets": "packets of the capture; `null` live",
    "lost_events": "events that the kernel could not hand over, live",
    "syn_retransmits": "SYNs sent again",
    "handshake": "kind to connections",
    "teardown": "kind to connections",
    "active_closer": "who closed first to connections; an empty key: nobody",
    "time_wait": "who holds TIME_WAIT to connections",
    "conn_state": "word to connections",
    "resets": "cause to connections",
    "handshake_time_us": "the first SYN to the ACK: `count`, `p50`, `p90`, `p99` (within half a percent), `max`",
    "handshake_round_trip_us": "the last SYN to the ACK, likewise",
    "states": "for each `state` and `side`, the time spent in it: `us`, likewise",
    "listeners": "the ten largest, with counts of what became of their connections",
    "destinations": "the ten largest pairs of `source` and `destination`, likewise",
    "exact": "`false` where listeners or destinations were more than are kept, and the rarest were dropped",
    "notes": "what a reader must know, a sentence each",
}
TRACE_END = {
    "schema": f"`{END_SCHEMA}`",
    "ended_at": "when we were told",
    "local_h": "address of this end",
    "local_p": "its port",
    "remote_h": "address of the other end",
    "remote_p": "its port",
    "uid": "whose the socket was",
    "sent_bytes": "data sent, each octet once; `null` before Linux 4.19",
    "received_bytes": "data received; a FIN counts as one",
    "sent_pkts": "segments sent",
    "received_pkts": "segments received",
    "retransmits": "segments sent again",
    "rtt_us": "the last smoothed round trip",
    "leaves": "what stands for the connection now: `TIME_WAIT`, or `FIN_WAIT2` while the peer has not closed; `null`: "
    "nothing, or so much ended at once that it was not asked",
}

DOCUMENTS = (
    Document(
        "trace",
        TRACE_SCHEMA,
        "`lastack trace --json`, live or from a capture: an object a connection, one a line",
        (keys(TRACE),),
    ),
    Document("trace summary", SUMMARY_SCHEMA, "`lastack trace --summary --json`", (keys(TRACE_SUMMARY),)),
    Document(
        "trace ends",
        END_SCHEMA,
        "`lastack trace --ends --json`: an object a socket, one a line. What this kernel does not count is `null`",
        (keys(TRACE_END),),
    ),
)
