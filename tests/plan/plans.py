"""Plans to try things on."""

from lastack.plan.plan import LeftOut, Plan, Step

__all__ = ["NASTY", "plan", "setting"]

# Values and names that each format could take for something else.
NASTY = {
    "net.ipv4.tcp_fin_timeout": "30",
    "net.ipv4.ip_local_port_range": "10240 65535",
    "net.ipv4.tcp_congestion_control": "yes",
    "net.ipv4.tcp_a": "010",
    "net.ipv4.tcp_b": "-1",
    "net.ipv4.tcp_c": "1.0",
    "net.ipv4.tcp_d": "a: b # c",
    "net.ipv4.tcp_e": 'it\'s "so" \\ back\\',
    "net.ipv4.tcp_f": "${HOME} $(touch x) `y` $$ %n",
    "net.ipv4.tcp_g": "{{ x }} {% y %} {# z #}",
    "net.ipv4.tcp_h": "''${x} ]] */ <!-- \t tab",
    "net.ipv4.tcp_i": "",
    "net.ipv4.conf.eth0/100.rp_filter": "2",
    "net.ipv4.tcp_mem": "1 2 3",
}


def setting(key: str, value: str, now: str | None = None) -> Step:
    """A step that is a setting."""
    return Step(kind="setting", because="a test", reason="why\nnot: # \x1b[2J", key=key, value=value, now=now)


def plan(*steps: Step, host: str = "web1", left_out: tuple[LeftOut, ...] = ()) -> Plan:
    """A plan of these steps."""
    return Plan(
        made_at="2026-01-01T00:00:00.000Z",
        host=host,
        kernel="6.18.0",
        boot_id="b",
        netns="net:[1]",
        summary="a plan\n- to: try",
        steps=list(steps),
        left_out=list(left_out),
    )
