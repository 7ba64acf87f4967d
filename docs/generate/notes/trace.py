"""Errors of live traces."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "filter-refused": Note(
        "The kernel does not take the condition that is to keep other connections out of the trace: its tracepoint "
        "lacks a field that other kernels have.",
        "leave out `--port`, `--address` or `--family`, and choose from what is printed; send us the message.",
    ),
    "no-numpy": Note(
        "Connections are followed in columns, with numpy, which is not installed: it comes with the extra `trace`.",
        'install `"lastack[trace]"`; `lastack trace --ends` does without.',
    ),
    "no-perf": Note(
        "The system call perf_event_open fails: the kernel is built without it, or a sandbox filters it.",
        "`lastack trace --ends` does without; in a container, run the trace on the host, with `--netns`.",
    ),
    "no-tracefs": Note(
        "The kernel describes its tracepoints in a file system, tracefs, that is not mounted. Most distributions mount "
        "it, minimal ones and containers do not.",
        "mount it as root: `mount -t tracefs nodev /sys/kernel/tracing`. It changes nothing else.",
    ),
    "no-tracepoint": Note(
        "The kernel lacks a tracepoint without which there is no live trace: it is older than 4.19, or built without.",
        "`lastack trace --ends` shows sockets as they end; a capture shows lifecycles: "
        "`tcpdump -w - tcp | lastack trace --pcap -`.",
    ),
    "perf-forbidden": Note(
        "Tracepoints show what everybody on the machine does, so the kernel lets only root watch them, or who has "
        "CAP_PERFMON (`kernel.perf_event_paranoid` below 0 lets everybody).",
        "run it as root; or see [watch connections live](../how-to/watch-connections-live.md) for the least privilege.",
    ),
    "ring-memory": Note(
        "The kernel writes events into memory that cannot be swapped out, and for others than root it locks only so "
        "much: `kernel.perf_event_mlock_kb` for each CPU, then RLIMIT_MEMLOCK. Not even the smallest rings fit.",
        "raise one of them, or run it as root.",
    ),
    "tracefs-forbidden": Note(
        "tracefs is mounted, and only root may look into it: that is its default.",
        "run it as root; or mount it so that a group may read it: `mount -o remount,gid=GROUP,mode=750 "
        "/sys/kernel/tracing`.",
    ),
    "truncated-perf-record": Note(
        "A record in the kernel's ring ends before its end: the ring is not what the kernel writes.",
        "send us the message, and the kernel's release.",
    ),
}
