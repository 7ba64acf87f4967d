"""One TCP segment, as somebody on the path between the two ends saw it."""

from typing import NamedTuple

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "Segment"]

# RFC 9293 section 3.1, the control bits.
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Segment(NamedTuple):
    """One segment, or a stretch of unremarkable ones from one side taken together.

    Attributes:
        time: when it was seen; any number that does not fall, nanoseconds since 1970 in a capture.
        forward: from the side that sent the first segment seen of this connection.
        flags: the control bits.
        seq: sequence number of the first octet, or of the SYN.
        ack: acknowledgment number; means nothing without ACK.
        payload: octets of data.
        zero_window: the sender has no room for more.
        packets: how many it stands for.
        intact: its checksum is good, or was not looked at.
    """

    time: int
    forward: bool
    flags: int
    seq: int
    ack: int = 0
    payload: int = 0
    zero_window: bool = False
    packets: int = 1
    intact: bool = True
