"""Which check judges which setting's value. A check that answers None leaves it to the row."""

from collections.abc import Callable

from lastack.settings.lint import checks_keepalive as keepalive
from lastack.settings.lint import checks_ports as ports
from lastack.settings.lint import checks_queueing as queueing
from lastack.settings.lint import checks_rest as rest
from lastack.settings.lint import checks_reuse as reuse
from lastack.settings.lint.scene import Scene
from lastack.settings.lint.verdict import Judgement

__all__ = ["CHECKS", "Check"]

# Takes a value that the kernel accepts, as the kernel prints it, and everything around it.
Check = Callable[[str, Scene], Judgement | None]

CHECKS: dict[str, Check] = {
    "net.core.netdev_max_backlog": rest.netdev_max_backlog,
    "net.core.somaxconn": queueing.somaxconn,
    "net.ipv4.ip_local_port_range": ports.port_range,
    "net.ipv4.ip_local_reserved_ports": ports.reserved_ports,
    "net.ipv4.ip_unprivileged_port_start": ports.unprivileged_port_start,
    "net.ipv4.tcp_abort_on_overflow": queueing.abort_on_overflow,
    "net.ipv4.tcp_fack": rest.retired,
    "net.ipv4.tcp_fastopen": rest.fastopen,
    "net.ipv4.tcp_fin_timeout": reuse.fin_timeout,
    "net.ipv4.tcp_keepalive_intvl": keepalive.keepalive_intvl,
    "net.ipv4.tcp_keepalive_probes": keepalive.keepalive_probes,
    "net.ipv4.tcp_keepalive_time": keepalive.keepalive_time,
    "net.ipv4.tcp_low_latency": rest.retired,
    "net.ipv4.tcp_max_orphans": rest.max_orphans,
    "net.ipv4.tcp_max_syn_backlog": queueing.max_syn_backlog,
    "net.ipv4.tcp_max_tw_buckets": reuse.max_tw_buckets,
    "net.ipv4.tcp_mem": rest.mem,
    "net.ipv4.tcp_migrate_req": queueing.migrate_req,
    "net.ipv4.tcp_orphan_retries": rest.orphan_retries,
    "net.ipv4.tcp_retries2": rest.retries2,
    "net.ipv4.tcp_rfc1337": reuse.rfc1337,
    "net.ipv4.tcp_rmem": rest.socket_buffer,
    "net.ipv4.tcp_sack": rest.needed_option,
    "net.ipv4.tcp_syn_retries": rest.syn_retries,
    "net.ipv4.tcp_synack_retries": queueing.synack_retries,
    "net.ipv4.tcp_syncookies": queueing.syncookies,
    "net.ipv4.tcp_timestamps": rest.timestamps,
    "net.ipv4.tcp_tw_recycle": reuse.tw_recycle,
    "net.ipv4.tcp_tw_reuse": reuse.tw_reuse,
    "net.ipv4.tcp_tw_reuse_delay": reuse.tw_reuse_delay,
    "net.ipv4.tcp_window_scaling": rest.needed_option,
    "net.ipv4.tcp_wmem": rest.socket_buffer,
    "net.netfilter.nf_conntrack_max": rest.conntrack_max,
    "net.netfilter.nf_conntrack_tcp_timeout_established": keepalive.established_timeout,
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait": keepalive.time_wait_timeout,
    "net.nf_conntrack_max": rest.conntrack_max,
}
