"""Remedies that know the application: from a process and the port that it talks to."""

from fnmatch import fnmatchcase

from lastack.doctor.applications.row import Advice, Application, Problem
from lastack.doctor.applications.rows import ANY, APPLICATIONS, UNNAMED
from lastack.doctor.verdicts import Remedy

__all__ = ["application_of", "remedies_for"]


def remedies_for(problem: Problem, process: str | None, port: int | None = None) -> list[Remedy]:
    """What to write in the process's application against a problem, the best first; none where it is not visible.

    Args:
        problem: what is wrong.
        process: ``name/pid`` or its name alone.
        port: the remote port, of a process that connects; it tells a database's client from a web client.
    """
    if process is None:
        return []
    application = application_of(process)
    found = [advice for advice in application.advice if advice.problem == problem]
    about_port = [advice for advice in found if port in advice.ports]
    chosen = about_port or [advice for advice in found if not advice.ports]
    return [_remedy(application, advice) for advice in chosen] + [
        _remedy(None, advice) for advice in ANY if advice.problem == problem
    ]


def application_of(process: str) -> Application:
    """The application that a process is of, by its name; ``UNNAMED`` where no row has it.

    >>> application_of("nginx/812").name, application_of("php-fpm8.2").name, application_of("api/7").name
    ('nginx', 'PHP-FPM', 'Go')
    """
    name = process.rpartition("/")[0] or process
    return next((one for one in APPLICATIONS if any(fnmatchcase(name, each) for each in one.processes)), UNNAMED)


def _remedy(application: Application | None, advice: Advice) -> Remedy:
    named = application is not None and application is not UNNAMED
    where = f" ({advice.where})" if advice.where else ""
    who = f"{application.name}{where}: " if application and named else ""
    return Remedy(kind="application", text=f"{who}{advice.text}", lines=advice.lines, source=advice.source)
