"""The rules in the order in which the report has them. Everything that is said of a rule comes out of its row."""

from lastack.doctor import accept_queue, close_wait, ephemeral_ports, syn_queue, time_wait
from lastack.doctor.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    ephemeral_ports.RULE,
    accept_queue.RULE,
    syn_queue.RULE,
    close_wait.RULE,
    time_wait.RULE,
)
