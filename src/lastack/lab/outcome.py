"""What a function returned or raised, carried from one process to another."""

import pickle
import traceback
from collections.abc import Callable
from typing import Any

from lastack.errors import LastackError

__all__ = ["open_outcome", "outcome_of"]


def outcome_of(action: Callable[[], object]) -> bytes:
    """Run ``action``, and pack what it returns or raises."""
    try:
        return pickle.dumps((True, action()))
    except LastackError as error:
        return pickle.dumps((False, (type(error), (error.slug, error.message, error.hint), None)))
    except Exception as error:  # noqa: BLE001 - it is raised on the other side
        return pickle.dumps((False, (type(error), error.args, traceback.format_exc())))


def open_outcome(packed: bytes) -> Any:  # noqa: ANN401 - whatever the action returned
    """Return what the action returned, or raise what it raised; the traceback of the other side comes as a note."""
    returned, value = pickle.loads(packed)  # noqa: S301 - from a child of ours
    if returned:
        return value
    raise _rebuilt(*value)


def _rebuilt(kind: type[Exception], args: tuple[Any, ...], story: str | None) -> Exception:
    if issubclass(kind, LastackError):
        error = kind.__new__(kind)  # a subclass's own __init__ may take other arguments
        LastackError.__init__(error, *args)
        return error
    foreign = kind(*args)
    foreign.add_note(str(story))
    return foreign
