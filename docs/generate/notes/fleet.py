"""Errors of looking at many namespaces or hosts."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
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
