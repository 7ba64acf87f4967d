"""The rules in the order in which the report has them. Everything that is said of a rule comes out of its row."""

from lastack.doctor import (
    accept_queue,
    bound_ports,
    close_order,
    close_wait,
    ephemeral_ports,
    fin_wait2,
    half_open_flood,
    refused_connects,
    resets,
    syn_queue,
    syn_sent,
    time_wait,
    time_wait_refused,
    unacknowledged,
    upstream_keep_alive,
    vanished_peers,
    zero_window,
)
from lastack.doctor.rule import Rule

__all__ = ["RULES"]

# Ports, closing, opening, then what happens in between.
RULES: tuple[Rule, ...] = (
    ephemeral_ports.RULE,
    bound_ports.RULE,
    upstream_keep_alive.RULE,
    close_order.RULE,
    time_wait.RULE,
    time_wait_refused.RULE,
    close_wait.RULE,
    fin_wait2.RULE,
    vanished_peers.RULE,
    accept_queue.RULE,
    syn_queue.RULE,
    half_open_flood.RULE,
    syn_sent.RULE,
    refused_connects.RULE,
    unacknowledged.RULE,
    zero_window.RULE,
    resets.RULE,
)
