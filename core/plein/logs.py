"""Where the log of a command goes: to standard error, for people or as a line of JSON each, for collectors."""

import logging
import sys

import structlog

LEVELS = ("debug", "info", "warning", "error")

#: One list for the whole process, changed in place: loggers keep the list that there was when they were first used, and
#: a second configuration must reach them too.
_processors: list[structlog.typing.Processor] = []


#: Who says more than an administrator can use, and from which level on they are heard.
_QUIET = {
    # "Task queue depth is 1", for each request that waits a moment
    "waitress.queue": logging.ERROR,
    # three lines for each look at the database's revision
    "alembic": logging.WARNING,
    # what it begins and stops, for each thread; what fails in a job the executor says itself
    "huey": logging.WARNING,
}


def configure_logging(level: str = "warning", *, json: bool = False) -> None:
    """Send what Plein and the libraries log from *level* up to standard error.

    Standard output stays free for what a command answers.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    timed = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        timed,
    ]
    # Plain tracebacks: the pretty ones print the values of variables, and those are people's texts and passwords.
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    last = structlog.processors.JSONRenderer() if json else console
    if json:
        shared.append(structlog.processors.format_exc_info)
    _processors[:] = [
        structlog.stdlib.filter_by_level,
        *shared,
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    structlog.configure(
        processors=_processors,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=number, handlers=[handler], force=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
