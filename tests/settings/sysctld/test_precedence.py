"""Which files are read, and in which order."""

import pytest

from lastack.settings.sysctld.precedence import MAIN_FILE, Loader, load_order

NAMES = {
    "/usr/lib/sysctl.d": ["50-default.conf", "99-vendor.conf", "README"],
    "/run/sysctl.d": ["60-now.conf"],
    "/etc/sysctl.d": ["99-vendor.conf", "10-first.conf", "9-ninth.conf", "x.conf~"],
}


def paths(loader: Loader) -> list[str]:
    """The files that are read."""
    return [file.path for file in load_order(NAMES, loader, has_main_file=True) if file.masked_by is None]


@pytest.mark.parametrize("loader", ["systemd", "procps"])
def test_names_decide_not_folders(loader: Loader) -> None:
    """All are sorted by their names alone, as text; what does not end in .conf is left out."""
    assert paths(loader)[:5] == [
        "/etc/sysctl.d/10-first.conf",
        "/usr/lib/sysctl.d/50-default.conf",
        "/run/sysctl.d/60-now.conf",
        "/etc/sysctl.d/9-ninth.conf",
        "/etc/sysctl.d/99-vendor.conf",
    ]


def test_a_name_in_etc_masks_the_same_name_below_usr() -> None:
    """The masked file stands beside its mask."""
    masked = [file for file in load_order(NAMES, "systemd", has_main_file=False) if file.masked_by]
    assert masked == [("/usr/lib/sysctl.d/99-vendor.conf", "/etc/sysctl.d/99-vendor.conf")]


def test_only_procps_reads_the_main_file_and_reads_it_last() -> None:
    """Systemd reads it where a link in sysctl.d leads to it, and by that name."""
    assert paths("procps")[-1] == MAIN_FILE
    assert MAIN_FILE not in paths("systemd")
    assert not any(file.path == MAIN_FILE for file in load_order(NAMES, "procps", has_main_file=False))


def test_no_folders_no_files() -> None:
    """A host without any is a host with none."""
    assert load_order({}, "systemd", has_main_file=True) == []
