"""Errors of captures and lifecycles."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "bad-address": Note(
        "What is given as an address is none; names of hosts are not looked up.",
        "give the address, such as 192.0.2.1 or 2001:db8::1.",
    ),
    "absurd-length": Note(
        "A packet or block of a capture says that it is longer than any is: the file is damaged from there on.",
        "what was read before that place is complete, and is shown.",
    ),
    "cut-short": Note(
        "The capture ends in the middle of a packet, a block or its compressed data, as it does where the program "
        "that wrote it was killed.",
        "what was whole is shown.",
    ),
    "no-such-transition": Note(
        "A socket was said to make a step that no TCP socket of Linux makes.",
        "the table of [states](../reference/states.md) has those that there are.",
    ),
    "not-a-capture": Note(
        "The file is neither pcap nor pcapng, nor one of these in gzip.",
        "the message says what it looks like, and how to unpack it if it is packed otherwise.",
    ),
}
