"""Names that stand beside the catalogue's in the kernel's folders: known, and left out of it, each with the reason.

They serve lint, which must tell a name that exists from a typing error, and a test, which compares these folders of
the running kernel with the catalogue and this table.
"""

from typing import NamedTuple

from lastack.settings.release import Release, since

__all__ = ["FOLDERS", "NEIGHBOURS", "Neighbour"]

# Where the catalogue and this table together name every key, and a name in neither is a mistake.
FOLDERS = ("net.core", "net.ipv4", "net.netfilter")

_SPEED = "how fast data flows, not when a connection begins or ends"
_CONGESTION = "congestion control"
_LOSS = "repair of losses within a connection"
_DEVICE = "network devices and packet steering"
_ROUTING = "routing"
_FRAGMENTS = "reassembly of IP fragments"
_ICMP = "ICMP"
_MULTICAST = "multicast"
_UDP = "UDP"
_TRACKING = "tracking of other protocols, or what the tracker reports"
_MTU = "path MTU discovery"
_PROCESS = "how the kernel runs"
_LABELS = "labelled packets (CIPSO, NetLabel)"
_XFRM = "IPsec"
_PEERS = "what is remembered of other hosts"
_MARKS = "marks and VRFs"


class Neighbour(NamedTuple):
    """A key that is known and not in the catalogue.

    Attributes:
        key: dotted name.
        about: what it bears on instead; for one that went, what it was.
        added: first release that has it; empty: the oldest that we read, 2.6.24, has it, or we have not traced it.
        removed: first release without it; empty: it is still there.
    """

    key: str
    about: str
    added: str = ""
    removed: str = ""

    def in_release(self, release: Release) -> bool:
        """Whether that release has it, as far as releases tell."""
        return since(release, self.added) and not (self.removed and since(release, self.removed))


# Rows of net.ipv4.tcp_*: the name's rest, what it is about, first release with it, first release without it.
_TCP = (
    ("abc", "counting of acknowledged bytes, which became the only way", "", "3.9"),
    ("adv_win_scale", _SPEED, "", ""),
    ("allowed_congestion_control", _CONGESTION, "", ""),
    ("app_win", _SPEED, "", ""),
    ("autocorking", _SPEED, "3.14", ""),
    ("available_congestion_control", _CONGESTION, "", ""),
    ("available_ulp", "protocols above TCP in the kernel, TLS for one", "4.13", ""),
    ("backlog_ack_defer", _SPEED, "6.7", ""),
    ("base_mss", _MTU, "", ""),
    ("comp_sack_delay_ns", _LOSS, "4.18", ""),
    ("comp_sack_nr", _LOSS, "4.18", ""),
    ("comp_sack_rtt_percent", _LOSS, "6.19", ""),
    ("comp_sack_slack_ns", _LOSS, "5.8", ""),
    ("congestion_control", _CONGESTION, "", ""),
    ("cookie_size", "an experiment with data in handshakes (TCPCT), given up for Fast Open", "2.6.33", "3.10"),
    ("default_init_rwnd", "a vendor's addition that the kernel never took", "3.10", "3.11"),
    ("dma_copybreak", "copying by a DMA engine, which was removed", "", "3.18"),
    ("dsack", _LOSS, "", ""),
    ("early_demux", _ROUTING, "4.12", ""),
    ("early_retrans", _LOSS, "3.5", ""),
    ("ecn_option", _CONGESTION, "6.18", ""),
    ("ecn_option_beacon", _CONGESTION, "6.18", ""),
    ("frto", _LOSS, "", ""),
    ("frto_response", "what to do after a needless timeout, decided by the kernel alone since", "", "3.10"),
    ("fwmark_accept", _MARKS, "3.16", ""),
    ("l3mdev_accept", _MARKS, "4.5", ""),
    ("limit_output_bytes", _SPEED, "3.6", ""),
    ("max_reordering", _LOSS, "3.19", ""),
    ("max_ssthresh", "limited slow start, which was removed", "", "3.13"),
    ("min_rtt_wlen", _CONGESTION, "4.4", ""),
    ("min_snd_mss", _MTU, "5.2", ""),
    ("min_tso_segs", _SPEED, "3.12", ""),
    ("moderate_rcvbuf", _SPEED, "", ""),
    ("mtu_probe_floor", _MTU, "5.4", ""),
    ("mtu_probing", _MTU, "", ""),
    ("no_metrics_save", _PEERS, "", ""),
    ("no_ssthresh_metrics_save", _PEERS, "5.6", ""),
    ("notsent_lowat", _SPEED, "3.12", ""),
    ("pacing_ca_ratio", _SPEED, "4.3", ""),
    ("pacing_ss_ratio", _SPEED, "4.3", ""),
    ("pingpong_thresh", _SPEED, "6.7", ""),
    ("plb_cong_thresh", _CONGESTION, "6.2", ""),
    ("plb_enabled", _CONGESTION, "6.2", ""),
    ("plb_idle_rehash_rounds", _CONGESTION, "6.2", ""),
    ("plb_rehash_rounds", _CONGESTION, "6.2", ""),
    ("plb_suspend_rto_sec", _CONGESTION, "6.2", ""),
    ("probe_interval", _MTU, "4.1", ""),
    ("probe_threshold", _MTU, "4.1", ""),
    ("rcvbuf_low_rtt", _SPEED, "6.19", ""),
    ("recovery", _LOSS, "4.4", ""),
    ("reflect_tos", "the service class of answers", "5.10", ""),
    ("reordering", _LOSS, "", ""),
    ("retrans_collapse", _LOSS, "", ""),
    ("rx_skb_cache", "a cache of buffers, which was removed", "5.2", "5.16"),
    ("shrink_window", _SPEED, "6.5", ""),
    ("slow_start_after_idle", _CONGESTION, "", ""),
    ("stdurg", "urgent data", "", ""),
    ("thin_dupack", "faster repair of thin streams, which RACK took over", "2.6.34", "4.11"),
    ("tso_rtt_log", _SPEED, "5.18", ""),
    ("tso_win_divisor", _SPEED, "", ""),
    ("tx_skb_cache", "a cache of buffers, which was removed", "5.2", "5.16"),
    ("workaround_signed_windows", _SPEED, "", ""),
)

# The other names of the folders, by what they bear on.
_OTHERS = {
    "net.ipv4": {
        _ROUTING: (
            "fib_multipath_hash_fields fib_multipath_hash_policy fib_multipath_hash_seed fib_multipath_use_neigh "
            "fib_notify_on_flag_change fib_sync_mem ip_dynaddr ip_early_demux ip_forward ip_forward_update_priority "
            "ip_forward_use_pmtu ip_default_ttl nexthop_compat_mode"
        ),
        _MTU: "ip_no_pmtu_disc",
        _MARKS: "fwmark_reflect raw_l3mdev_accept udp_l3mdev_accept",
        _ICMP: (
            "icmp_echo_enable_probe icmp_echo_ignore_all icmp_echo_ignore_broadcasts icmp_errors_use_inbound_ifaddr "
            "icmp_errors_extension_mask icmp_ignore_bogus_error_responses icmp_msgs_burst icmp_msgs_per_sec "
            "icmp_ratelimit icmp_ratemask ping_group_range"
        ),
        _MULTICAST: "igmp_link_local_mcast_reports igmp_max_memberships igmp_max_msf igmp_qrv",
        _FRAGMENTS: ("ipfrag_high_thresh ipfrag_low_thresh ipfrag_max_dist ipfrag_secret_interval ipfrag_time"),
        _PEERS: "inet_peer_maxttl inet_peer_minttl inet_peer_threshold",
        _UDP: "udp_child_hash_entries udp_early_demux udp_hash_entries udp_mem udp_rmem_min udp_wmem_min",
        _LABELS: "cipso_cache_bucket_size cipso_cache_enable cipso_rbm_optfmt cipso_rbm_strictvalid",
        _XFRM: "xfrm4_gc_thresh",
    },
    "net.core": {
        _DEVICE: (
            "busy_poll busy_read default_qdisc dev_weight dev_weight_rx_bias dev_weight_tx_bias "
            "devconf_inherit_init_net fb_tunnels_only_for_init_net flow_limit_cpu_bitmap flow_limit_table_len "
            "gro_normal_batch max_skb_frags netdev_budget netdev_budget_usecs netdev_rss_key netdev_tstamp_prequeue "
            "netdev_unregister_timeout_secs rps_default_mask rps_sock_flow_entries skb_defer_max tstamp_allow_data"
        ),
        _SPEED: "high_order_alloc_disable mem_pcpu_rsv optmem_max",
        _LOSS: "txrehash",
        _PROCESS: (
            "bpf_jit_enable bpf_jit_harden bpf_jit_kallsyms bpf_jit_limit message_burst message_cost warnings "
            "bypass_prot_mem"
        ),
        _XFRM: "xfrm_acq_expires xfrm_aevent_etime xfrm_aevent_rseqth xfrm_larval_drop",
    },
    "net.netfilter": {
        _TRACKING: (
            "nf_conntrack_acct nf_conntrack_checksum nf_conntrack_events nf_conntrack_expect_max "
            "nf_conntrack_frag6_high_thresh nf_conntrack_frag6_low_thresh nf_conntrack_frag6_timeout "
            "nf_conntrack_generic_timeout nf_conntrack_gre_timeout nf_conntrack_gre_timeout_stream "
            "nf_conntrack_helper nf_conntrack_icmp_timeout nf_conntrack_icmpv6_timeout nf_conntrack_log_invalid "
            "nf_conntrack_sctp_timeout_closed nf_conntrack_sctp_timeout_cookie_echoed "
            "nf_conntrack_sctp_timeout_cookie_wait nf_conntrack_sctp_timeout_established "
            "nf_conntrack_sctp_timeout_heartbeat_acked nf_conntrack_sctp_timeout_heartbeat_sent "
            "nf_conntrack_sctp_timeout_shutdown_ack_sent nf_conntrack_sctp_timeout_shutdown_recd "
            "nf_conntrack_sctp_timeout_shutdown_sent nf_conntrack_dccp_loose nf_conntrack_timestamp "
            "nf_conntrack_udp_timeout nf_conntrack_udp_timeout_stream nf_flowtable_tcp_timeout "
            "nf_flowtable_udp_timeout nf_hooks_lwtunnel nf_log_all_netns"
        ),
    },
}

NEIGHBOURS: dict[str, Neighbour] = {
    row.key: row
    for row in (
        *(Neighbour(f"net.ipv4.tcp_{name}", about, added, removed) for name, about, added, removed in _TCP),
        *(
            Neighbour(f"{folder}.{name}", about)
            for folder, groups in _OTHERS.items()
            for about, names in groups.items()
            for name in names.split()
        ),
    )
}
