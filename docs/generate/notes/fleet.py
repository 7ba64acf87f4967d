"""Errors of looking at many namespaces or hosts."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "ansible-failed": Note(
        "ansible-playbook ended without telling of any host. The message has the end of what it said.",
        "try `ansible -i INVENTORY all -m ansible.builtin.command -a true`; what helps there helps here. The rollout "
        "stands where it was: the same command goes on.",
    ),
    "bad-host-output": Note(
        "A host answered a command with something else than what was asked for: a banner of its shell, perhaps.",
        "look what `ansible -i INVENTORY HOST -m ansible.builtin.command -a 'cat /proc/uptime'` prints.",
    ),
    "bad-inventory": Note(
        "Ansible cannot read the inventory, it is not there, or no host of it fits `--limit`.",
        "`ansible-inventory -i INVENTORY --list` shows what Ansible makes of it.",
    ),
    "bad-stages": Note(
        "`--stages` is no list of numbers and shares, or one reaches fewer hosts than the one before it.",
        "write how many hosts have it by then: `1,10%,50%,100%`.",
    ),
    "no-ansible": Note(
        "A rollout goes through Ansible's own commands, and they are not on PATH.",
        "`pip install 'lastack[rollout]'`, or install ansible-core in your way.",
    ),
    "hosts-unmatched": Note(
        "With `--prometheus`, a host of the inventory is the one whose `instance`, without its port, is its name "
        "in the inventory or its `ansible_host`. None of those that are being scraped is such a one.",
        "name the label that has the inventory's names, `--host nodename`, say; or let `--match` pass what is theirs.",
    ),
    "nothing-to-roll-out": Note(
        "The plan has no step that is a setting; what is to be changed in applications or networks is yours to do.",
        "read the plan: `lastack export PLAN --to shell`.",
    ),
    "nothing-to-undo": Note(
        "`--undo` needs the file that a rollout has written, and it is not there.",
        "name it with `--state`.",
    ),
    "rollout-damaged": Note(
        "The file that says how far a rollout has come is none, or may not be read.",
        "name another with `--state`. If it is lost, no tool knows what the hosts had before.",
    ),
    "rollout-of-another": Note(
        "The file of the state is of a rollout of other settings, or with another inventory.",
        "finish or undo that one first, or keep them apart with `--state`.",
    ),
    "rollout-running": Note(
        "Another process is at work with the same rollout.",
        "wait for it to end.",
    ),
    "bad-header": Note(
        "`--header` has no colon, or characters that HTTP does not allow.",
        "write `--header 'X-Scope-OrgID:shop'`: a colon, and no line break.",
    ),
    "bad-url": Note(
        "`--prometheus` is no address that begins with http:// or https://.",
        "give the address of the server without `/api/v1`: `http://prometheus:9090`, of Mimir "
        "`http://mimir:8080/prometheus`.",
    ),
    "no-fresh-namespace": Note(
        "The kernel's defaults are read in a new network namespace, and none may be made: that takes CAP_SYS_ADMIN. "
        "`lastack fleet containers` then goes by the catalogue's defaults and says so.",
        "run it as root.",
    ),
    "no-httpx": Note(
        "Prometheus is asked with a Python package that is not installed.",
        "install the extra: `pip install 'lastack[fleet]'`.",
    ),
    "not-prometheus": Note(
        "The server answers, and not as the HTTP API of Prometheus does: it is something else, or a proxy on the way "
        "answered for it.",
        "give the address without `/api/v1`; Mimir's and Cortex's end in `/prometheus`, VictoriaMetrics' cluster's in "
        "`/select/0/prometheus`.",
    ),
    "nothing-reported": Note(
        "Prometheus has no series of lastack's metrics or node_exporter's in that range that `--match` lets through.",
        "let hosts be [scraped](../how-to/scrape-with-prometheus.md); widen `--range` and `--match`.",
    ),
    "prometheus-refused": Note(
        "The server does not answer a query: it lacks permission, takes too long, touches more than is allowed, or "
        "`--match` is no list of matchers. The message has the server's own words.",
        "for permission, give `--header 'Authorization:Bearer ...'` or a user in the URL; else narrow it by `--match` "
        "or `--range`.",
    ),
    "prometheus-unreachable": Note(
        "No connection to the server came about, or no answer within a minute.",
        "check the address, and whether proxies in HTTP_PROXY or HTTPS_PROXY are meant for it.",
    ),
    "too-many-series": Note(
        "The first query counts the series in question, and they are more than `--most-series`.",
        "narrow it by `--match`, or allow more: Prometheus bears a few million.",
    ),
}
