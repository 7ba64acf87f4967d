"""Settings for the options that the two ends agree on in SYN and SYN-ACK."""

from lastack.settings.catalogue.row import ANYONE, INT, SWITCH, U8, Range, Setting

__all__ = ["NEGOTIATING"]

NEGOTIATING = (
    Setting(
        key="net.ipv4.tcp_timestamps",
        family="negotiating",
        form="number",
        unit="mode",
        accepts=U8,
        sane=(0, 2),
        defaults=(("", "1"),),
        namespaced="4.13",
        roles=ANYONE,
        summary="The timestamp option: both ends put a clock into every segment.",
        does=(
            "Much rests on it: protection against segments of an earlier connection (PAWS), reuse of TIME_WAIT by "
            "net.ipv4.tcp_tw_reuse, window scaling and SACK for connections made from SYN cookies, and better round "
            "trip times. It is used only where both ends offer it."
        ),
        believed="That switching it off saves enough bytes or time to matter: it costs 12 bytes a segment.",
        values=(
            ("0", "off"),
            ("1", "on, the clock shifted by a random offset"),
            ("2", "on, without the offset (since 4.10)"),
        ),
        history=(
            (
                "The random offset came in 4.10, one a connection; from 4.11 it is one a pair of hosts; in 7.0, and in "
                "later 6.18 stable releases, one a connection again."
            ),
        ),
        hazards=(
            (
                "0 silently disables net.ipv4.tcp_tw_reuse and costs connections made from SYN cookies their window "
                "scaling and SACK."
            ),
            "2 shows every peer the same clock, and with it how long the host is up.",
        ),
        counters=("PAWSActive", "PAWSEstab", "PAWSTimewait", "TSEcrRejected", "TWRecycled"),
        sources=("RFC 7323", "net/core/secure_seq.c", "net/ipv4/tcp_input.c", "commit 165573e41f2f"),
        claims=(
            "timestamps-offset-modes",
            "tw-reuse-needs-timestamps-at-both-ends",
            "syncookies-options-need-timestamps",
            "timestamps-take-both-ends",
            "paws-drops-older-clocks",
        ),
        related=("net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_syncookies"),
    ),
    Setting(
        key="net.ipv4.tcp_window_scaling",
        family="negotiating",
        form="number",
        unit="switch",
        accepts=U8,
        sane=(0, 1),
        defaults=(("", "1"),),
        namespaced="4.13",
        roles=ANYONE,
        summary="Windows above 64 KiB.",
        does="Offered in the SYN and used where both ends offer it.",
        hazards=("0 holds every connection to 64 KiB a round trip: 5 Mbit/s over 100 ms.",),
        sources=("RFC 7323 section 2", "net/ipv4/tcp_output.c tcp_syn_options()"),
        related=("net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies"),
    ),
    Setting(
        key="net.ipv4.tcp_sack",
        family="negotiating",
        form="number",
        unit="switch",
        accepts=U8,
        sane=(0, 1),
        defaults=(("", "1"),),
        namespaced="4.13",
        roles=ANYONE,
        summary="Selective acknowledgements: the receiver names what it has, so only what is missing is sent again.",
        does="Offered in the SYN and used where both ends offer it.",
        believed="That it must stay off for the flaws of 2019 (CVE-2019-11477): every kernel since 5.2 has the repair.",
        hazards=("0 makes every loss of more than one segment slow.",),
        counters=("RetransSegs", "TCPTimeouts"),
        sources=("RFC 2018", "net/ipv4/tcp_input.c"),
    ),
    Setting(
        key="net.ipv4.tcp_ecn",
        family="negotiating",
        form="number",
        unit="mode",
        accepts=(*INT, Range("5.13", 0, 2), Range("7.0", 0, 5)),
        defaults=(("", "2"),),
        namespaced="3.9",
        roles=ANYONE,
        summary="Explicit congestion notification: routers mark packets instead of dropping them.",
        does="With 2 it is accepted when the peer asks for it and never asked for; with 1 connect() asks for it too.",
        values=(
            ("0", "off"),
            ("1", "ask for it and accept it"),
            ("2", "accept it"),
            ("3", "ask for and accept the accurate form, where this kernel has it"),
            ("4", "ask for the plain, accept the accurate form, where this kernel has it"),
            ("5", "accept the accurate form, where this kernel has it"),
        ),
        hazards=(
            (
                "With 1 a SYN carries bits that a few old firewalls drop: net.ipv4.tcp_ecn_fallback then costs those "
                "connections a SYN timeout."
            ),
        ),
        counters=("TCPSynRetrans",),
        sources=("RFC 3168 section 6.1.1", "net/ipv4/tcp_ecn.c", "Documentation/networking/ip-sysctl.rst"),
        related=("net.ipv4.tcp_ecn_fallback",),
    ),
    Setting(
        key="net.ipv4.tcp_ecn_fallback",
        family="negotiating",
        form="number",
        unit="switch",
        accepts=SWITCH,
        defaults=(("", "1"),),
        namespaced="born",
        added="4.2",
        roles=ANYONE,
        summary="Repeats an unanswered SYN without the bits that ask for ECN.",
        does="Only matters with net.ipv4.tcp_ecn = 1, where the SYN carries such bits.",
        sources=("RFC 3168 section 6.1.1.1", "Documentation/networking/ip-sysctl.rst"),
        related=("net.ipv4.tcp_ecn",),
    ),
)
