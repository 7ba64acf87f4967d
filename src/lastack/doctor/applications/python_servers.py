"""Python's application servers: what they are told beside what Python programs are told."""

from lastack.doctor.applications.python import PYTHON
from lastack.doctor.applications.row import Advice, Application

__all__ = ["GUNICORN", "UVICORN"]

_GUNICORN = "https://docs.gunicorn.org/en/stable/settings.html"
_UVICORN = "https://www.uvicorn.org/settings/"

# As clients they are any Python program; as servers they are not.
_AS_CLIENTS = tuple(advice for advice in PYTHON.advice if advice.problem not in {"backlog", "accept"})

GUNICORN = Application(
    "gunicorn",
    ("gunicorn*",),
    (
        Advice(
            "backlog",
            "A longer backlog than 2048.",
            "gunicorn.conf.py",
            ("backlog = 4096",),
            f"{_GUNICORN}#backlog",
        ),
        Advice(
            "accept",
            "More workers, or workers with threads: each synchronous one takes one request at a time.",
            "gunicorn.conf.py",
            ('worker_class = "gthread"', "workers = 5", "threads = 8"),
            f"{_GUNICORN}#workers",
        ),
        Advice(
            "close-wait",
            "Kill a worker that has been silent for so many seconds.",
            "gunicorn.conf.py",
            ("timeout = 30",),
            f"{_GUNICORN}#timeout",
        ),
        *_AS_CLIENTS,
    ),
)

UVICORN = Application(
    "Uvicorn",
    ("uvicorn",),
    (
        Advice("backlog", "A longer backlog than 2048.", "command line", ("uvicorn --backlog 4096",), _UVICORN),
        Advice(
            "accept",
            "A process for each CPU; and nothing slow in async functions.",
            "command line",
            ("uvicorn --workers 4",),
            _UVICORN,
        ),
        *_AS_CLIENTS,
    ),
)
