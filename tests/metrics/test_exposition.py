"""The text that is scraped: read by prometheus_client's parser, by promtool, and by Prometheus itself."""

import json
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lastack.metrics.exposition import render
from lastack.metrics.family import Cost
from tests.kernel.private import unavailable
from tests.metrics.reading import read
from tests.model.samples import article, cohort, model

HOSTILE = 'ngi\x1b[31m"nx\\\n{evil="1"} 5'
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
_PATIENCE_S = 60.0


def exposition() -> bytes:
    """Of the article's host."""
    host = model(*article().cohorts, listeners=article().listeners, sockstat=article().sockstat)
    return render(host, cost=Cost(0.1, 0.05))[0]


def test_it_is_read_back() -> None:
    """Series by name and labels."""
    found = read(exposition())
    assert found["lastack_sockets", (("state", "TIME_WAIT"),)] == 25_087
    assert found["lastack_scrape_cpu_seconds", ()] == 0.05


def test_openmetrics_where_it_is_asked_for() -> None:
    """By the Accept header, as Prometheus asks."""
    body, content_type = render(model(), accept=OPEN_METRICS)
    assert body.endswith(b"# EOF\n")
    assert content_type.startswith("application/openmetrics-text")
    assert render(model())[1].startswith("text/plain")


def test_a_hostile_name_is_one_label() -> None:
    """Quotes, line breaks and escape sequences of a process name stay in its label."""
    found = read(render(model(cohort("CLOSE_WAIT", 7, process=f"{HOSTILE}/1")))[0])
    assert found["lastack_close_wait", (("process", HOSTILE),)] == 7
    assert not any("evil" in dict(labels) for _, labels in found)


def test_promtool_reads_it() -> None:
    """Its parser takes it; it minds nothing but the camel case of node_exporter's own names."""
    promtool = shutil.which("promtool") or unavailable("promtool is not installed")
    done = subprocess.run([promtool, "check", "metrics"], input=exposition(), capture_output=True, check=False)
    complaints = [line for line in (done.stdout + done.stderr).decode().splitlines() if "camelCase" not in line]
    assert complaints == []


@contextmanager
def _served(body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _ask(port: int, query: str) -> list[dict[str, object]]:
    address = f"http://127.0.0.1:{port}/api/v1/query?query={query}"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            found: list[dict[str, object]] = json.load(answer)["data"]["result"]
            return found
    except OSError:  # it is not up yet
        return []


def test_prometheus_scrapes_it(tmp_path: Path) -> None:
    """Debian's Prometheus: the target is up, its rules are loaded, a number of ours comes back by query."""
    prometheus = shutil.which("prometheus") or unavailable("prometheus is not installed")
    rules = Path(__file__).parents[2] / "src/lastack/metrics/lastack.rules.yml"
    with _served(b"") as free:
        port = int(free.rpartition(":")[2])
    with _served(exposition()) as target:
        config = tmp_path / "prometheus.yml"
        config.write_text(
            f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{rules}']\n"
            f"scrape_configs: [{{job_name: lastack, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )
        options = [
            f"--config.file={config}",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with subprocess.Popen([prometheus, *options], stderr=subprocess.DEVNULL) as running:
            try:
                until = time.monotonic() + _PATIENCE_S
                while not (found := _ask(port, "lastack:closes_first:rate1m")):
                    assert time.monotonic() < until, "nothing was scraped"
                    time.sleep(0.2)
                assert found[0]["value"][1] == str(25_087 / 60)  # type: ignore[index] # JSON
                assert _ask(port, "up")[0]["value"][1] == "1"  # type: ignore[index] # JSON
            finally:
                running.terminate()
                running.wait()
