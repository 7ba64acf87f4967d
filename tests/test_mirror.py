"""The tests mirror the source: tests/a/test_b.py tests src/lastack/a/b.py, or a row here says what does, and why."""

from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SOURCE, TESTS = ROOT / "src/lastack", ROOT / "tests"


class Elsewhere(NamedTuple):
    """Modules without a test file of their own.

    Attributes:
        modules: patterns of paths below src/lastack.
        tests: the files that test them, below tests.
        reason: why there.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    reason: str


ELSEWHERE = (
    Elsewhere(("errors",), ("docs/test_errors.py",), "no behaviour; what matters is that each slug is documented"),
    Elsewhere(("doctor/rule", "doctor/verdicts", "settings/page"), ("doctor/test_diagnosis.py",), "types alone"),
    Elsewhere(
        ("tcp/states",),
        ("kernel/test_sock_diag.py", "settings/states/test_rows.py"),
        "a table; those who read it test it",
    ),
    Elsewhere(("model/bearing",), ("model/test_causes.py",), "a table; what it names is seen at the causes"),
    Elsewhere(
        (
            "tcp/bundle",
            "tcp/conn_state",
            "tcp/ends",
            "tcp/handshake",
            "tcp/history",
            "tcp/lifecycle",
            "tcp/ports",
            "tcp/resets",
            "tcp/segment",
            "tcp/stream",
            "tcp/teardown",
        ),
        ("tcp/test_observer.py", "capture/test_cases.py"),
        "parts of what follows one connection; seen in what becomes of connections, other projects' among them",
    ),
    Elsewhere(
        (
            "capture/addresses",
            "capture/checksum",
            "capture/choose",
            "capture/decode",
            "capture/fragments",
            "capture/ip",
            "capture/link",
            "capture/packets",
            "capture/pcap",
            "capture/pcapng",
            "capture/segments",
            "capture/source",
            "capture/window",
        ),
        ("capture/test_read.py", "cli/test_trace.py"),
        "from octets to segments; seen in what is read from captures of every kind",
    ),
    Elsewhere(
        (
            "capture/course",
            "capture/incarnations",
            "capture/judge",
            "capture/share",
            "capture/stretches",
            "capture/timing",
            "capture/walk",
        ),
        ("capture/test_follow.py",),
        "the fast road, against following each segment by itself",
    ),
    Elsewhere(("model/sample",), ("cli/test_snapshot.py",), "a format; written and read as a file"),
    Elsewhere(
        ("doctor/backlog",),
        ("doctor/test_accept_queue.py", "doctor/test_syn_queue.py"),
        "remedies that two rules share",
    ),
    Elsewhere(
        ("doctor/applications/*",),
        ("doctor/applications/test_rows.py", "doctor/applications/test_accepted.py"),
        "rows, a file an application; the tests walk all of them",
    ),
    Elsewhere(
        ("kernel/closed_sink", "kernel/cohort_sink", "kernel/decode", "kernel/open_sink", "kernel/state_sink"),
        ("kernel/test_grouping.py",),
        "all sinks decode the same recorded messages, and must agree",
    ),
    Elsewhere(("kernel/census", "kernel/naming"), ("cli/test_census.py",), "a few lines between parts with tests"),
    Elsewhere(
        ("kernel/proc_tcp",), ("cli/test_census.py",), "the fallback, behind a real filter that refuses sock_diag"
    ),
    Elsewhere(
        ("live/gathering", "live/pairs", "live/sockets", "live/telling", "live/time_wait"),
        ("live/test_assembly.py",),
        "parts of one road, seen in what comes out of it",
    ),
    Elsewhere(
        ("live/diag", "live/rows", "live/session"),
        ("live/test_truth.py", "cli/test_trace_live.py"),
        "what they make of the kernel's records is compared with a capture",
    ),
    Elsewhere(("cli/trace_until",), ("cli/test_trace_live.py", "cli/test_trace_ends.py"), "what live traces share"),
    Elsewhere(("kernel/sampler",), ("cli/test_snapshot.py",), "reads with all readers at once: a snapshot"),
    Elsewhere(
        ("settings/catalogue/*", "settings/counters/*", "settings/states/*"),
        ("settings/catalogue/test_rows.py", "settings/counters/test_rows.py", "settings/states/test_rows.py"),
        "rows, a file a family; the tests walk all of them",
    ),
    Elsewhere(
        ("settings/lint/*",),
        ("settings/lint/test_checks.py", "settings/lint/test_judge.py"),
        "checks, told by verdicts",
    ),
    Elsewhere(("settings/pages",), ("docs/test_settings_pages.py", "settings/test_topics.py"), "seen as pages"),
    Elsewhere(("settings/sysctld/oddities",), ("property/test_settings.py",), "a table of what the loaders differ in"),
    Elsewhere(
        ("lab/claims/*",),
        ("lab/claims/test_planted.py", "lab/claims/test_schedule.py", "lab/claims/test_stage.py"),
        "experiments, a file a family: all are played on the real kernel, and most against falsehoods too",
    ),
    Elsewhere(("cli/main", "cli/options"), ("cli/test_commands.py",), "what all commands have in common"),
    Elsewhere(("cli/completion",), ("cli/test_commands.py",), "shtab's work; ours is the table of commands"),
    Elsewhere(("cli/asking", "cli/duration", "cli/overrides"), ("cli/test_apply.py",), "seen in what apply says"),
    Elsewhere(("cli/change_report",), ("cli/test_journal.py",), "seen in what the journal prints"),
    Elsewhere(("web/serving",), ("cli/test_serve.py",), "everything put together: the command"),
    Elsewhere(("cli/samples",), ("cli/test_doctor.py", "cli/test_recorded.py"), "what commands look at; seen in them"),
    Elsewhere(("cli/live",), ("cli/test_compare.py",), "a few lines between parts with tests"),
    Elsewhere(("metrics/family", "metrics/places"), ("metrics/test_families.py",), "seen in the families"),
    Elsewhere(("cli/writing",), ("cli/test_plan.py",), "seen in the file that plan writes"),
    Elsewhere(("plan/export/*",), ("plan/export/test_formats.py",), "every format by its own ecosystem's parser"),
    Elsewhere(("tune/confirm",), ("cli/test_confirm.py",), "the command is little more than that"),
    Elsewhere(("fleet/begin",), ("cli/test_fleet_rollout.py",), "the first look, which --check shows"),
    Elsewhere(("cli/fleet",), ("cli/test_fleet_containers.py", "cli/test_fleet_doctor.py"), "a table of its tasks"),
    Elsewhere(
        ("fleet/report",), ("fleet/test_survey.py", "cli/test_fleet_doctor.py"), "a structure; seen in what fills it"
    ),
    Elsewhere(
        ("fleet/callbacks/lastack_results",), ("fleet/test_ansible.py",), "loaded by Ansible; seen in what it tells of"
    ),
    Elsewhere(("forecast/outlook",), ("forecast/test_of_model.py",), "flows and remedies put together"),
    Elsewhere(
        ("lab/population", "lab/refresh"), ("lab/test_lab.py",), "told by what the kernel lists: every state, kept up"
    ),
    Elsewhere(("lab/route",), ("lab/test_cuts.py", "lab/test_links.py"), "told by links that work, or no longer do"),
    Elsewhere(("lab/syscalls",), ("lab/test_keeper.py",), "told by the namespaces that they make"),
    Elsewhere(
        ("lab/workloads/outcome", "lab/workloads/service", "lab/workloads/visitor", "lab/workloads/wire"),
        ("lab/workloads/test_stage.py",),
        "programs that talk to one another; seen in what they do to a host",
    ),
    Elsewhere(
        ("lab/workloads/relay", "lab/workloads/sitter", "lab/workloads/table"),
        ("lab/workloads/test_stage.py",),
        "as above",
    ),
    Elsewhere(
        ("lab/experiment/metrics", "lab/experiment/observer", "lab/experiment/run"),
        ("lab/workloads/test_stage.py",),
        "what is measured is told by runs whose numbers are known",
    ),
    Elsewhere(("lab/experiment/credit",), ("lab/experiment/test_recipe.py",), "the conclusions of real stages"),
    Elsewhere(("lab/experiment/document",), ("cli/test_lab_try.py",), "seen in what the command prints"),
    Elsewhere(("cli/lab_progress", "cli/lab_workload"), ("cli/test_lab_try.py",), "parts of the command"),
    Elsewhere(("report/style",), ("report/test_experiment.py",), "colours"),
    Elsewhere(("cli/draw", "cli/files"), ("cli/test_census.py",), "seen in what the commands print"),
)

# Test files that test no single module.
ACROSS = {
    "doctor/applications/test_accepted.py": "what the rows say against the programs that they speak of",
    "doctor/test_faults.py": "all rules on hosts that are sick on purpose, and on healthy ones that look it",
    "kernel/test_import_cost.py": "what all of the counting path imports",
    "kernel/test_saved_output.py": "readers of files against readers of the kernel",
    "lab/claims/test_planted.py": "all experiments, with settings that make their claims untrue",
    "settings/catalogue/test_live_kernel.py": "the catalogue against the running kernel",
    "settings/sysctld/test_against_loaders.py": "the grammar against the programs that load such files",
    "forecast/test_against_the_kernel.py": "forecasts of all kinds against the running kernel",
    "model/test_changes.py": "comparisons of real changes under load",
    "tui/test_screens.py": "the whole view of a recording, as it looks",
    "store/test_kills.py": "a recorder, killed at random moments",
    "tune/test_kills.py": "every command that changes a host, killed at every moment",
    "fleet/test_truth.py": "the whole road, from the kernel through exporters and Prometheus to the report",
    "live/test_truth.py": "a live trace against a capture of the same connections",
    "capture/test_cases.py": "captures of other projects",
    "text/test_cases.py": "saved output of other systems",
}

MODULES = sorted(
    str(path.relative_to(SOURCE).with_suffix("")) for path in SOURCE.rglob("*.py") if not path.stem.startswith("__")
)
PACKAGES = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}


def mirrored(module: str) -> str:
    """Where the tests of a module are."""
    folder, _, name = module.rpartition("/")
    return f"{folder}/test_{name}.py".lstrip("/")


def command_of(module: str) -> str:
    """Where the tests of the command are that the module is a part of: cli/census_live of cli/census."""
    return f"{mirrored(module).rpartition('_')[0]}.py"


def places(module: str) -> list[str]:
    """Where the tests of a module may be: mirrored, with its command, where a row says."""
    rows = [row for row in ELSEWHERE if any(fnmatch(module, pattern) for pattern in row.modules)]
    with_command = [command_of(module)] if module.startswith("cli/") else []
    return [mirrored(module), *with_command, *(name for row in rows for name in row.tests)]


def test_every_module_has_its_tests() -> None:
    """In the mirrored place, with its command, or where a row with a reason says."""
    assert [module for module in MODULES if not any((TESTS / place).exists() for place in places(module))] == []


def test_every_test_file_has_its_module() -> None:
    """No test file outlives what it tested."""
    expected = {*map(mirrored, MODULES), *ACROSS}
    found = {str(path.relative_to(TESTS)) for package in PACKAGES for path in (TESTS / package).rglob("test_*.py")}
    assert sorted(found - expected) == []


def test_no_row_is_left_over() -> None:
    """Each row speaks of modules and tests that are there, and is needed."""
    for row in ELSEWHERE:
        assert all((TESTS / name).exists() for name in row.tests), row
        for pattern in row.modules:
            named = [module for module in MODULES if fnmatch(module, pattern)]
            assert any(not (TESTS / mirrored(module)).exists() for module in named), pattern
    assert all((TESTS / name).exists() for name in ACROSS)
