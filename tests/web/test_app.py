"""What is answered to whom: the page's routes, asked of a real server in a lab."""

import json
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lastack.lab import Cohort, Lab
from lastack.web.app import FILES
from tests.kernel.private import unavailable
from tests.metrics.reading import read
from tests.web.pages import Page, ask, first_frames, served

_PATIENCE_S = 30.0
# CLOSING: the page's own connections are never in it.
_POPULATION = (Cohort("LISTEN", 2), Cohort("TIME_WAIT", 77), Cohort("CLOSING", 5), Cohort("ESTABLISHED", 30))


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Of a host with known sockets."""
    with Lab() as lab:
        lab.populate(_POPULATION)
        with served(lab) as opened:
            yield opened


def test_frames_come_without_asking_again(page: Page) -> None:
    """One request, one frame after another, each with the lab's sockets."""
    frames = page.lab.server.call(first_frames, page.port, 3)
    assert [frame["states"]["TIME_WAIT"] >= 77 for frame in frames] == [True] * 3
    assert [frame["states"]["CLOSING"] for frame in frames] == [5] * 3
    taken = [frame["taken_at"] for frame in frames]
    assert taken == sorted(set(taken))


def test_a_frame_has_where_the_sockets_are(page: Page) -> None:
    """As the lab made them."""
    frame = page.frame()
    assert frame["schema"] == "lastack.live/1"
    (place,) = frame["places"]["CLOSING"]["places"]
    assert (place["role"], place["count"]) == ("passive", 5)
    assert place["label"] in {one["label"].replace("0.0.0.0", "198.18.0.1") for one in frame["listeners"]}


@pytest.mark.parametrize("name", FILES)
def test_files_are_those_of_the_package(page: Page, name: str) -> None:
    """Byte for byte, with their type."""
    answer = page.ask(f"/{name}")
    assert (answer.status, answer.headers["content-type"]) == (200, FILES[name])
    assert answer.body == files("lastack.web.files").joinpath(name).read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/files/lastack.css",
        "/../pyproject.toml",
        "/%2e%2e/app.py",
        "//etc/passwd",
        "/lastack.css/",
        "/__init__.py",
        "/static/",
    ],
)
def test_no_path_leads_to_a_file(page: Page, path: str) -> None:
    """There is a table, and nothing else."""
    assert page.ask(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/events", "/metrics", "/compare"])
def test_nothing_but_reading(page: Page, path: str, method: str) -> None:
    """No method that could change anything is known anywhere."""
    answer = page.ask(path, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_head_of_the_stream_ends(page: Page) -> None:
    """With the stream's type and no frame."""
    answer = page.ask("/events", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_health(page: Page) -> None:
    """It is well once something was seen."""
    assert (page.ask("/healthz").status, page.ask("/healthz").body) == (200, b"ok\n")


def test_metrics_are_the_exposition(page: Page) -> None:
    """What `lastack metrics` prints, of the last sample, with its cost; as OpenMetrics where that is asked for."""
    answer = page.ask("/metrics")
    found = read(answer.body)
    assert found["lastack_sockets", (("state", "CLOSING"),)] == 5
    assert 0 < found["lastack_scrape_cpu_seconds", ()] < 5
    wanted = page.ask("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert wanted.headers["content-type"].startswith("application/openmetrics-text")
    assert wanted.body.endswith(b"# EOF\n")


def test_without_a_store_there_is_no_history(page: Page) -> None:
    """It says what to start it with."""
    for path in ("/history?span=3600", "/compare?before=-1h&after=now"):
        answer = page.ask(path)
        assert answer.status == 404
        assert "--store" in answer.document["error"]


def _query(port: int, expression: str) -> list[dict[str, Any]]:
    answer = ask(port, f"/api/v1/query?query={urllib.parse.quote(expression)}")
    found: list[dict[str, Any]] = answer.document["data"]["result"] if answer.status == 200 else []
    return found


def _scraped(folder: str, page_port: int) -> dict[str, str]:
    """What a real Prometheus has of the page after its first scrapes: metric to value; of rules, their health."""
    port = 19_090
    rules = files("lastack.metrics").joinpath("lastack.rules.yml").read_text("utf-8")
    Path(folder, "lastack.rules.yml").write_text(rules, "utf-8")
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["lastack.rules.yml"],
        "scrape_configs": [{"job_name": "lastack", "static_configs": [{"targets": [f"127.0.0.1:{page_port}"]}]}],
    }
    Path(folder, "prometheus.yml").write_text(json.dumps(config), "utf-8")
    command = [
        "prometheus",
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as prometheus:
        try:
            until = time.monotonic() + _PATIENCE_S
            found: list[dict[str, Any]] = []
            while not found and time.monotonic() < until:
                time.sleep(0.1)
                try:
                    found = _query(port, '{job="lastack"}')
                except OSError:
                    continue
            groups = ask(port, "/api/v1/rules").document["data"]["groups"]
        finally:
            prometheus.kill()
    values = {f"{one['metric']['__name__']} {one['metric'].get('state', '')}".strip(): one["value"][1] for one in found}
    return values | {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}


def test_prometheus_scrapes_it(page: Page, tmp_path: Path) -> None:
    """Debian's, really: it is up, has our numbers under our names, and takes our rules."""
    try:
        subprocess.run(["prometheus", "--version"], check=True, capture_output=True)
    except FileNotFoundError:
        unavailable("prometheus is not installed")
    found = page.lab.server.call(_scraped, str(tmp_path), page.port)
    assert found["up"] == "1"
    assert found["lastack_sockets CLOSING"] == "5"
    assert int(found["lastack_sockets TIME_WAIT"]) >= 77
    assert {"err"}.isdisjoint(found.values())
