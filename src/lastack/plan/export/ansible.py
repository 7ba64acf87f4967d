"""An Ansible play that writes a file of sysctl.d and loads it when it changed. Modules of ansible-core do.

Nothing in it is a template: where a value has braces, the file's content is tagged ``!unsafe``.
"""

import re

from lastack.plan.export.comments import head
from lastack.plan.export.yaml import quoted
from lastack.plan.plan import Plan

__all__ = ["FILE", "render"]

# Not the file of `lastack apply --persist`, which nothing but lastack writes.
FILE = "/etc/sysctl.d/98-lastack-plan.conf"

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


def render(plan: Plan) -> str:
    """The playbook. It is for the plan's host, or for localhost where that has a name that is a pattern to Ansible."""
    head_lines = ["---", *head(plan), "- name: Set what lastack planned"]
    host = plan.host if _HOST.fullmatch(plan.host) else "localhost"
    lines = [*head_lines, f"  hosts: {quoted(host)}", "  become: true", "  gather_facts: false"]
    lines += [*_tasks(plan.settings)] if plan.settings else ["  tasks: []"]
    return "".join(f"{line}\n" for line in lines)


def _tasks(settings: list[tuple[str, str]]) -> list[str]:
    tag = "!unsafe " if any("{" in value for _, value in settings) else ""
    return [
        "  tasks:",
        "    - name: Write the settings",
        "      ansible.builtin.copy:",
        f"        dest: {FILE}",
        f"        content: {tag}|",
        *(f"          {key} = {value}".rstrip() for key, value in settings),
        "        owner: root",
        "        group: root",
        '        mode: "0644"',
        "      notify: Load the settings",
        "  handlers:",
        "    - name: Load the settings",
        "      ansible.builtin.command:",
        f"        cmd: sysctl -p {FILE}",
        "      changed_when: true",
    ]
