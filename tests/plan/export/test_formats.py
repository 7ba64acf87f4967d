"""Every format, read by its own ecosystem's parser."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lastack.lab import Lab
from lastack.plan.export import ansible
from lastack.plan.export.container import of_containers
from lastack.plan.export.formats import FORMATS
from lastack.plan.export.kubernetes import verdict_on
from lastack.plan.plan import Plan, Step
from lastack.settings.sysctld.grammar import parse
from lastack.tune.persist import FOLDER
from tests.plan.plans import NASTY, plan, setting
from tests.tune.mounts import own_mounts, small_disk

EVERYTHING = plan(
    Step(
        kind="application",
        because="x",
        reason="keep\nconnections: open",
        process="ngi\nnot: x/7",
        lines=['    proxy_set_header Connection "";', "a\nnot: b\x1b[2J */ ''${x}"],
        source="https://x\nnot: y",
    ),
    *(setting(key, value) for key, value in NASTY.items()),
)
PLAIN = plan(setting("net.ipv4.tcp_fin_timeout", "30"), setting("net.ipv4.ip_local_port_range", "10240 65535"))
NOTHING = plan(Step(kind="application", because="x", reason="keep connections open"))


def _program(name: str) -> str:
    """A program of the tests' own environment, or of the host."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here")
    return found


def _run(*command: str, **options: Any) -> str:  # noqa: ANN401 - as subprocess.run has
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _yaml(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    yaml = pytest.importorskip("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[misc,name-defined] # it has no types where it is not installed
        """Knows Ansible's tag."""

    Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
    return yaml.load(text, Loader)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("whole", [EVERYTHING, PLAIN, NOTHING])
def test_every_text_stays_where_it_belongs(name: str, whole: Plan) -> None:
    """Nothing that a plan says begins a line of its own, and what is no setting is said."""
    text = FORMATS[name].render(whole)
    assert text.endswith("\n")
    assert all(character.isprintable() or character in "\n\t" for character in text)
    assert not any(line.startswith(("not:", "- to:", "connections:")) for line in text.splitlines())
    assert ("Not a setting" in text) == any(step.kind != "setting" for step in whole.steps)


@pytest.mark.parametrize("name", FORMATS)
def test_an_applications_lines_are_comments_to_copy(name: str) -> None:
    """As they are, under what they are for and whose; and who says so."""
    lines = FORMATS[name].render(EVERYTHING).splitlines()
    at = lines.index("# Not a setting, and so not in here: [application ngi not: x/7] keep connections: open")
    assert lines[at + 1] == '#         proxy_set_header Connection "";'
    assert lines[at + 3] == "# Source: https://x not: y"


def test_sysctl_d_is_read_as_written() -> None:
    """By the grammar that procps and systemd-sysctl share."""
    lines = [line for line in parse(FORMATS["sysctl.d"].render(EVERYTHING).encode()) if line.kind != "comment"]
    assert {line.key: line.value for line in lines if line.kind == "assignment"} == NASTY
    assert {line.kind for line in lines} <= {"assignment", "blank"}


def test_sysctl_d_and_the_script_do_what_they_say(tmp_path: Path) -> None:
    """In a namespace: procps loads the one, a shell runs the other."""
    sysctl, shell = _program("sysctl"), _program("sh")
    for name, command in (("sysctl.d", [sysctl, "-p"]), ("shell", [shell])):
        file = tmp_path / name
        file.write_text(FORMATS[name].render(PLAIN))
        with Lab() as lab:
            done = lab.server.run([*command, str(file)], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            assert lab.server.get("net.ipv4.tcp_fin_timeout") == "30"
            assert lab.server.get("net.ipv4.ip_local_port_range").split() == ["10240", "65535"]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_script_quotes_for_every_shell(tmp_path: Path, shell: str) -> None:
    """A sysctl that only shows its arguments gets the values as they are, and nothing else is run."""
    shown = _shown_by_a_shell(tmp_path, "sysctl", FORMATS["shell"].render(EVERYTHING), shell)
    assert shown == [["-w", f"{key}={value}"] for key, value in NASTY.items()]
    assert not (tmp_path / "x").exists()


def _shown_by_a_shell(folder: Path, name: str, script: str, shell: str = "sh") -> list[list[str]]:
    """The arguments of each call that a script makes of a program of that name."""
    stand_in = folder / name
    stand_in.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    stand_in.chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": "/nonexistent"}
    lines = _run(_program(shell), "-c", script, env=environment, cwd=folder).splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_container_flags_are_words_as_a_shell_reads_them(tmp_path: Path, name: str) -> None:
    """Each setting is one word, and settings of the machine are none of a container's."""
    [words] = _shown_by_a_shell(tmp_path, name, FORMATS[name].render(EVERYTHING))
    wanted = [word for key, value in of_containers(EVERYTHING) for word in ("--sysctl", f"{key}={value}")]
    assert words == ["run", *wanted, "IMAGE"]
    assert "net.ipv4.tcp_mem" not in dict(of_containers(EVERYTHING))


def test_docker_takes_the_flags() -> None:
    """It gets as far as looking for its daemon."""
    _program("docker")
    script = FORMATS["docker"].render(PLAIN)
    environment = os.environ | {"DOCKER_HOST": "unix:///nonexistent"}
    done = subprocess.run([_program("sh"), "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert "unknown flag" not in done.stderr
    assert re.search("daemon|connect|invalid reference", done.stderr), done.stderr


def test_compose_reads_the_values_as_they_are() -> None:
    """As YAML each is a string, with every dollar doubled."""
    services = _yaml(FORMATS["compose"].render(EVERYTHING))["services"]
    wanted = {key: value.replace("$", "$$") for key, value in of_containers(EVERYTHING)}
    assert services == {"app": {"sysctls": wanted}}
    assert _yaml(FORMATS["compose"].render(NOTHING)) == {"services": {"app": {"sysctls": {}}}}


def test_compose_itself_takes_it_over_a_file_of_yours(tmp_path: Path) -> None:
    """`docker compose config` merges the two and gives back what was meant."""
    compose = _program("docker-compose")
    (tmp_path / "base.yaml").write_text("services:\n  app:\n    image: example\n")
    (tmp_path / "ours.yaml").write_text(FORMATS["compose"].render(EVERYTHING))
    command = [compose, "-f", str(tmp_path / "base.yaml"), "-f", str(tmp_path / "ours.yaml"), "config"]
    document = _yaml(_run(*command))
    found = {key: value.replace("$$", "$") for key, value in document["services"]["app"]["sysctls"].items()}
    assert found == dict(of_containers(EVERYTHING))


def test_kubernetes_says_of_each_setting_whose_it_is() -> None:
    """Safe and since when, unsafe and what the kubelet needs, or the node's."""
    text = FORMATS["kubernetes"].render(EVERYTHING)
    assert verdict_on("net.ipv4.tcp_fin_timeout").startswith("safe since 1.29")
    assert verdict_on("net.ipv4.tcp_tw_reuse").startswith("unsafe")
    assert verdict_on("net.ipv4.tcp_mem").startswith("node")
    assert verdict_on("vm.swappiness").startswith("node")
    assert "# --allowed-unsafe-sysctls=net.ipv4.tcp_congestion_control,net.ipv4.tcp_a" in text
    assert "# net.ipv4.tcp_mem = 1 2 3" in text
    assert '# safe since 1.29 (Linux 4.6)\n      - name: "net.ipv4.tcp_fin_timeout"' in text


def test_kubernetes_reads_the_values_as_they_are() -> None:
    """A pod's sysctls are strings."""
    pod = _yaml(FORMATS["kubernetes"].render(EVERYTHING))
    wanted = [{"name": key, "value": value} for key, value in of_containers(EVERYTHING)]
    assert pod["spec"]["securityContext"]["sysctls"] == wanted


@pytest.mark.parametrize("whole", [EVERYTHING, PLAIN, NOTHING])
def test_kubernetes_published_schema_takes_it(whole: Plan) -> None:
    """Strictly: no field that it does not know."""
    validator = pytest.importorskip("kubernetes_validate")
    validator.validate(_yaml(FORMATS["kubernetes"].render(whole)), validator.latest_version(), strict=True)


def test_ansible_writes_the_values_as_they_are() -> None:
    """As one file; what could be a template is tagged."""
    text = FORMATS["ansible"].render(EVERYTHING)
    [play] = _yaml(text)
    content = play["tasks"][0]["ansible.builtin.copy"]["content"]
    assert content == "".join(f"{key} = {value}".rstrip() + "\n" for key, value in NASTY.items())
    assert "content: !unsafe |" in text
    assert "!unsafe" not in FORMATS["ansible"].render(PLAIN)
    assert play["hosts"] == "web1"
    [pattern] = _yaml(FORMATS["ansible"].render(plan(host="all:!x")))
    assert pattern["hosts"] == "localhost"


# ansible-lint takes braces for a template, tagged or not; Ansible does not.
LINTED = plan(*(step for step in EVERYTHING.steps if "{" not in (step.value or "")))


@pytest.mark.parametrize("whole", [LINTED, PLAIN, NOTHING])
@pytest.mark.parametrize("profile", ["basic", "production"])
def test_ansible_lint_passes_it(tmp_path: Path, whole: Plan, profile: str) -> None:
    """By the profile that is asked for, and by the strictest as well."""
    lint = _program("ansible-lint")
    (tmp_path / "play.yml").write_text(FORMATS["ansible"].render(whole))
    _run(lint, "--offline", f"--profile={profile}", "play.yml", cwd=tmp_path, env=_ansible_environment(lint, tmp_path))


def _ansible_environment(program: str, home: Path) -> dict[str, str]:
    path = f"{Path(program).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "HOME": str(home), "ANSIBLE_HOME": str(home), "LC_ALL": "C.UTF-8"}


def _play(command: list[str], environment: dict[str, str]) -> tuple[str, str]:
    own_mounts()
    small_disk(FOLDER, 1 << 20)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    file = Path(ansible.FILE)
    return done.stdout + done.stderr, file.read_text() if file.exists() else ""


def test_ansible_carries_it_out(tmp_path: Path) -> None:
    """Against a namespace: the file is written, and the handler loads it."""
    program = _program("ansible-playbook")
    (tmp_path / "play.yml").write_text(FORMATS["ansible"].render(plan(*PLAIN.steps, host="localhost")))
    facts = f"ansible_become=false ansible_python_interpreter={sys.executable}"
    command = [program, "-i", "localhost,", "-c", "local", "-e", facts, str(tmp_path / "play.yml")]
    with Lab() as lab:
        said, file = lab.server.call(_play, command, _ansible_environment(program, tmp_path))
        assert lab.server.get("net.ipv4.tcp_fin_timeout") == "30", said
    assert file == "net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.ip_local_port_range = 10240 65535\n"
    assert "changed=2" in said


@pytest.mark.parametrize("whole", [EVERYTHING, PLAIN, NOTHING])
def test_nix_parses_it(whole: Plan) -> None:
    """With the grammar that Nix's editors use; numbers are numbers and everything else is a string."""
    tree_sitter = pytest.importorskip("tree_sitter")
    language = tree_sitter.Language(pytest.importorskip("tree_sitter_nix").language())
    text = FORMATS["nix"].render(whole).encode()
    root = tree_sitter.Parser(language).parse(text).root_node
    assert not root.has_error
    assert not _kinds(root) & {"interpolation", "indented_string_expression"}
    if whole is EVERYTHING:
        assert b'"net.ipv4.tcp_fin_timeout" = 30;' in text
        assert b'"net.ipv4.tcp_a" = "010";' in text


def _kinds(node: Any) -> set[str]:  # noqa: ANN401 - it has no types where it is not installed
    return {node.type}.union(*map(_kinds, node.children))
