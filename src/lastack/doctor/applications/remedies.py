"""Remedies that know the application: from a process and the port that it talks to."""

from fnmatch import fnmatchcase

from lastack.doctor.applications.row import Advice, Application, Problem
from lastack.doctor.applications.rows import ANY, APPLICATIONS
from lastack.doctor.verdicts import Remedy

__all__ = ["application_of", "remedies_for"]


def remedies_for(problem: Problem, process: str | None, port: int | None = None) -> list[Remedy]:
    """What to write in the process's application against a problem, the best first.

    Of a process that is not visible there is nothing to say, and of one whose name no row has only what holds for any:
    which language it is written in does not show. What helps whatever the application is, the rules say themselves.

    Args:
        problem: what is wrong.
        process: ``name/pid`` or its name alone.
        port: the remote port, of a process that connects; it tells a database's client from a web client.
    """
    if process is None:
        return []
    application = application_of(process)
    found = [advice for advice in application.advice if advice.problem == problem] if application else []
    about_port = [advice for advice in found if port in advice.ports]
    chosen = about_port or [advice for advice in found if not advice.ports]
    return [_remedy(process, application, advice) for advice in chosen] + [
        _remedy(process, None, advice) for advice in ANY if advice.problem == problem
    ]


def application_of(process: str) -> Application | None:
    """The application that a process is of, by its name; None: no row has it.

    >>> [found and found.name for found in map(application_of, ("nginx/812", "php-fpm8.2", "api/7"))]
    ['nginx', 'PHP-FPM', None]
    """
    name = process.rpartition("/")[0] or process
    return next((one for one in APPLICATIONS if any(fnmatchcase(name, each) for each in one.processes)), None)


def _remedy(process: str, application: Application | None, advice: Advice) -> Remedy:
    named = application.name if application else ""
    where = f" ({advice.where})" if advice.where not in {"", named} else ""
    who = f"{named}{where}: " if named else ""
    return Remedy(
        kind="application",
        text=f"{who}{advice.text}",
        process=process,
        lines=advice.lines,
        source=advice.source,
    )
