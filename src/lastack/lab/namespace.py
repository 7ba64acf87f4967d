"""One network namespace of a lab: commands and functions run in it, settings set."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from lastack.errors import RefusedError
from lastack.lab.outcome import open_outcome, outcome_of
from lastack.lab.processes import fork, open_files, reap, split, stand_in_for
from lastack.lab.syscalls import KINDS, Kind, die_with_parent, setns

__all__ = ["Namespace"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Namespace:
    """A network namespace that a process of the lab lives in.

    Args:
        name: what the lab calls it.
        pid: of the process that lives in it, as the caller sees it; ``/proc/PID/net`` shows the namespace from outside.
        kinds: the kinds of namespace to enter.
    """

    def __init__(self, name: str, pid: int, kinds: Sequence[Kind] = KINDS) -> None:
        self.name = name
        self.pid = pid
        self._kinds = kinds

    def popen(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":  # noqa: ANN401 - as Popen has
        """``subprocess.Popen`` in here, with its options but ``preexec_fn``; the pid is a stand-in's outside."""
        return subprocess.Popen(command, preexec_fn=self.descend, **options)  # noqa: PLW1509 - only the child may move

    def run(self, command: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[Any]":  # noqa: ANN401
        """``subprocess.run`` in here, with its options but ``preexec_fn``."""
        return subprocess.run(command, preexec_fn=self.descend, **options)  # noqa: PLW1510 - check is an option

    def call(self, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """What ``function`` returns in a forked child that lives in here; what it raises is raised.

        The child sees the caller's values and changes none of them. The result is pickled.
        """
        ours, theirs = Pipe(duplex=False)

        def inside() -> _R:
            self.descend()
            return function(*args, **kwargs)

        pid = fork(lambda: theirs.send_bytes(outcome_of(inside)))
        theirs.close()
        with ours:
            try:
                packed = ours.recv_bytes()
            except EOFError:
                raise RefusedError("lab-process-died", f"a process in {self.name} ended with {reap(pid)}") from None
        reap(pid)
        result: _R = open_outcome(packed)
        return result

    def set(self, settings: Mapping[str, object]) -> None:
        """Set sysctls of the namespace: ``{"net.ipv4.tcp_max_tw_buckets": 5000}``.

        Raises:
            RefusedError: ``no-such-setting``, ``setting-refused``.
        """
        self.call(_set, settings)

    def get(self, name: str) -> str:
        """A sysctl of the namespace, as the kernel prints it. Raises RefusedError: ``no-such-setting``."""
        return self.call(_get, name)

    @contextmanager
    def while_set(self, settings: Mapping[str, object]) -> Iterator[None]:
        """Set sysctls for the length of the block; one that the namespace does not have is left out.

        Raises:
            RefusedError: ``setting-refused``.
        """
        before = self.call(_exchange, settings)
        try:
            yield
        finally:
            self.set(before)

    def raise_to(self, least: Mapping[str, int]) -> None:
        """Raise those sysctls that are lower than this; a setting that the namespace does not have is none to raise.

        Raises:
            RefusedError: ``setting-refused``.
        """
        self.call(_raise_to, least)

    def enter(self) -> None:
        """Move this process in, which must have one thread; of its pid namespace, only children yet to be born."""
        directory = Path.cwd()
        descriptors = [os.open(f"/proc/{self.pid}/ns/{kind.name}", os.O_RDONLY) for kind in self._kinds]
        for descriptor, kind in zip(descriptors, self._kinds, strict=True):
            setns(descriptor, kind)
            os.close(descriptor)
        os.chdir(directory)  # a mount namespace is entered at its root

    def descend(self) -> None:
        """Move a freshly forked process in for good: a child of it returns from this, and it stands in for the child.

        Only a child can live in the lab's pid namespace, where nothing outlives the lab.

        Raises:
            RefusedError: ``lab-limit``.
        """
        files = open_files()
        self.enter()
        die_with_parent()  # after entering: a change of credentials would cancel it, prctl(2)
        child = split()
        if child:
            stand_in_for(child, files)
        die_with_parent()


def _file(name: str) -> Path:
    return Path("/proc/sys", name.replace(".", "/"))


def _set(settings: Mapping[str, object]) -> None:
    for name, value in settings.items():
        try:
            _file(name).write_text(str(value), "ascii")
        except FileNotFoundError:
            raise _no_such_setting(name) from None
        except OSError as error:
            raise RefusedError("setting-refused", f"the kernel refuses {name} = {value}: {error.strerror}") from None


def _exchange(settings: Mapping[str, object]) -> dict[str, str]:
    """Set them; the values that they had."""
    before = {name: _get(name) for name in settings if _file(name).exists()}
    _set({name: settings[name] for name in before})
    return before


def _raise_to(least: Mapping[str, int]) -> None:
    _set({name: value for name, value in least.items() if _file(name).exists() and 0 <= int(_get(name)) < value})


def _get(name: str) -> str:
    try:
        return _file(name).read_text("ascii").strip()
    except FileNotFoundError:
        raise _no_such_setting(name) from None


def _no_such_setting(name: str) -> RefusedError:
    return RefusedError("no-such-setting", f"a network namespace of this kernel has no {name}")
