"""Settings that bear on memory: of all sockets, of one socket's buffers, of the table that finds them; and on files."""

from lastack.settings.catalogue.row import ANYONE, INT, NODE, SAFE, Range, Setting

__all__ = ["MEMORY"]

_SAFE = f"{SAFE} since 1.32 (Linux 4.15)"
_BUFFER = (Range("", -(2**31), 2**31 - 1), Range("4.15", 1, 2**31 - 1))
_CORE_SOURCES = ("net/core/sysctl_net_core.c", "socket(7)")
_CORE_BELIEVED = (
    "That TCP connections use it by themselves: they grow within net.ipv4.tcp_rmem and tcp_wmem, and a program that "
    "sets a size by hand switches that growth off."
)

MEMORY = (
    Setting(
        key="net.ipv4.tcp_mem",
        family="memory",
        form="number",
        unit="pages",
        arity=3,
        accepts=(Range("", 0, 2**64 - 1),),
        derived="4.7 %, 6.3 % and 9.4 % of the memory that is free at boot",
        summary=(
            "Memory of all TCP sockets of the machine: free below the first, scarce above the second, full at the "
            "third."
        ),
        does=(
            "Above the second number buffers stop growing; at the third, sends wait, orphans are reset and the kernel "
            'logs "out of memory -- consider tuning tcp_mem". A cgroup\'s own limit counts its sockets besides.'
        ),
        believed="That it is in bytes. It is in pages, 4 KiB each on most machines.",
        hazards=(
            "Lowered, it cuts off connections of a machine that has memory left.",
            "Bytes written where pages are meant switch the limit off.",
        ),
        counters=("TCPMemoryPressures", "TCPAbortOnMemory", "sockstat.mem"),
        kubernetes=NODE,
        sources=("net/ipv4/tcp.c tcp_init_mem()", "net/core/sock.c __sk_mem_raise_allocated()", "tcp(7)"),
        claims=("tcp-mem-full-cuts-off",),
        related=("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_orphans"),
    ),
    Setting(
        key="net.ipv4.tcp_rmem",
        family="memory",
        form="number",
        unit="bytes",
        arity=3,
        accepts=_BUFFER,
        derived="4096, 131072 (87380 until 4.19) and, by memory, up to 6 MiB (32 MiB in later kernels)",
        namespaced="4.15",
        summary="Receive buffer of a TCP socket: least, at first, and the most that it grows to.",
        does="The kernel grows the buffer with the connection's speed, up to the third number.",
        believed=(
            "That every connection takes the third number. It takes what waits in it, and most take next to nothing."
        ),
        hazards=("A large second number is granted to every connection at once.",),
        counters=("TCPRcvQDrop", "sockstat.mem"),
        kubernetes=_SAFE,
        sources=("net/ipv4/tcp_input.c tcp_rcv_space_adjust()", "tcp(7)"),
        related=("net.ipv4.tcp_mem", "net.core.rmem_max"),
    ),
    Setting(
        key="net.ipv4.tcp_wmem",
        family="memory",
        form="number",
        unit="bytes",
        arity=3,
        accepts=_BUFFER,
        derived="4096, 16384 and, by memory, up to 4 MiB",
        namespaced="4.15",
        summary="Send buffer of a TCP socket: least, at first, and the most that it grows to.",
        does="The kernel grows the buffer with the connection's window, up to the third number.",
        believed="As for net.ipv4.tcp_rmem: that every connection takes the third number.",
        hazards=("Data of a peer that does not read waits here, and stays with an orphan after close().",),
        counters=("sockstat.mem",),
        kubernetes=_SAFE,
        sources=("net/ipv4/tcp_input.c tcp_sndbuf_expand()", "tcp(7)"),
        related=("net.ipv4.tcp_mem", "net.core.wmem_max"),
    ),
    Setting(
        key="net.core.rmem_max",
        family="memory",
        form="number",
        unit="bytes",
        accepts=INT,
        sane=(2304, 2**31 - 1),
        derived="212992, more in later kernels",
        summary="The largest receive buffer that setsockopt(SO_RCVBUF) grants.",
        does="Caps what a program asks for by hand, for every kind of socket.",
        believed=_CORE_BELIEVED,
        kubernetes=NODE,
        sources=_CORE_SOURCES,
        related=("net.ipv4.tcp_rmem",),
    ),
    Setting(
        key="net.core.rmem_default",
        family="memory",
        form="number",
        unit="bytes",
        accepts=INT,
        sane=(2304, 2**31 - 1),
        derived="212992",
        summary="The receive buffer that a socket begins with, other than TCP's.",
        does="TCP begins with the second number of net.ipv4.tcp_rmem instead; UDP uses this.",
        believed=_CORE_BELIEVED,
        kubernetes=NODE,
        sources=_CORE_SOURCES,
        related=("net.ipv4.tcp_rmem",),
    ),
    Setting(
        key="net.core.wmem_max",
        family="memory",
        form="number",
        unit="bytes",
        accepts=INT,
        sane=(4608, 2**31 - 1),
        derived="212992, more in later kernels",
        summary="The largest send buffer that setsockopt(SO_SNDBUF) grants.",
        does="Caps what a program asks for by hand, for every kind of socket.",
        believed=_CORE_BELIEVED,
        kubernetes=NODE,
        sources=_CORE_SOURCES,
        related=("net.ipv4.tcp_wmem",),
    ),
    Setting(
        key="net.core.wmem_default",
        family="memory",
        form="number",
        unit="bytes",
        accepts=INT,
        sane=(4608, 2**31 - 1),
        derived="212992",
        summary="The send buffer that a socket begins with, other than TCP's.",
        does="TCP begins with the second number of net.ipv4.tcp_wmem instead; UDP uses this.",
        believed=_CORE_BELIEVED,
        kubernetes=NODE,
        sources=_CORE_SOURCES,
        related=("net.ipv4.tcp_wmem",),
    ),
    Setting(
        key="net.ipv4.tcp_ehash_entries",
        family="memory",
        form="number",
        unit="buckets",
        derived="one bucket per 128 KiB of memory, a power of two, at most 524,288; thash_entries= at boot sets it",
        namespaced="born",
        added="6.1",
        read_only=True,
        summary="Buckets of the hash table that finds connections; negative where a namespace shares the machine's.",
        does="The default of net.ipv4.tcp_max_tw_buckets is half of it, that of tcp_max_syn_backlog a 128th.",
        sources=("net/ipv4/sysctl_net_ipv4.c proc_tcp_ehash_entries()",),
        related=("net.ipv4.tcp_child_ehash_entries", "net.ipv4.tcp_max_tw_buckets"),
    ),
    Setting(
        key="net.ipv4.tcp_child_ehash_entries",
        family="memory",
        form="number",
        unit="buckets",
        accepts=(Range("", 0, 16 * 1024 * 1024),),
        defaults=(("", "0"),),
        namespaced="born",
        added="6.1",
        summary="Gives namespaces made from this one a hash table of their own, of so many buckets; 0: they share.",
        does=(
            "Set before the namespace is made, rounded up to a power of two, and not handed on to its own children. A "
            "crowd in one namespace then no longer slows the others down."
        ),
        hazards=(
            (
                "It shrinks what is derived from the table: 1000 gives 1,024 buckets, and with them 512 TIME_WAIT "
                "sockets and a net.ipv4.tcp_max_syn_backlog of 128."
            ),
        ),
        counters=("TCPTimeWaitOverflow",),
        sources=("net/ipv4/tcp_ipv4.c tcp_set_hashinfo()", "Documentation/networking/ip-sysctl.rst"),
        claims=("child-ehash-shrinks-tw-buckets",),
        related=("net.ipv4.tcp_ehash_entries", "net.ipv4.tcp_max_tw_buckets"),
    ),
    Setting(
        key="fs.file-max",
        family="memory",
        form="number",
        unit="files",
        accepts=(Range("", 0, 2**63 - 1),),
        sane=(8192, 2**63 - 1),
        derived="a tenth of memory in KiB; systemd raises it to the highest number",
        roles=ANYONE,
        summary="Open files of the whole machine, sockets among them.",
        does="At the limit accept() and socket() fail with ENFILE. TIME_WAIT sockets are no files and do not count.",
        believed="That it limits one process: RLIMIT_NOFILE does, and fails with EMFILE.",
        kubernetes=NODE,
        sources=("fs/file_table.c", "proc_sys_fs(5)"),
        related=("fs.nr_open",),
    ),
    Setting(
        key="fs.nr_open",
        family="memory",
        form="number",
        unit="files",
        accepts=(Range("", 64, 2**31 - 64),),
        defaults=(("", "1048576"),),
        added="2.6.25",
        roles=ANYONE,
        summary="The highest RLIMIT_NOFILE that a process may be given.",
        does="A process's own limit comes from limits.conf, or from LimitNOFILE= of its systemd unit.",
        believed="That raising it gives any process more files.",
        hazards=("Lowered below a service's LimitNOFILE=, that service no longer starts.",),
        kubernetes=NODE,
        sources=("fs/file.c sysctl_nr_open", "proc_sys_fs(5)"),
        related=("fs.file-max",),
    ),
)
