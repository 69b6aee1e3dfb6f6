"""Work for later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from plein.contributions.checks import NAME, check_title, require


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later: a function that the executor calls in a process of its own choosing, with what was asked for.

    It runs once, and again where it failed or its process died halfway: make it so that a second time does no harm.

    :param name: ``wiki.make_index``: the plugin's name, a dot, words.
    :param run: ``run(context, **arguments)``; context is a :class:`plein.jobs.JobContext`.
    :param title: what it does, as administrators read it: "Send mail".
    :param every: how often it runs by itself, without arguments; ``None`` for only when asked.
    :param attempts: how often it is tried before it is given up, with growing pauses of at most an hour.
    """

    name: str
    run: Callable[..., None]
    title: str
    every: timedelta | None = None
    attempts: int = 8

    def __post_init__(self) -> None:
        require(bool(NAME.fullmatch(self.name)), f"job {self.name!r} needs a name of the form 'plugin.some_word'")
        owner = f"job {self.name}"
        check_title(owner, self.title)
        require(callable(self.run), f"{owner} has {self.run!r} to run; give a function")
        require(
            self.every is None or (isinstance(self.every, timedelta) and self.every >= timedelta(minutes=1)),
            f"{owner} runs every {self.every!r}; give a timedelta of at least a minute",
        )
        require(
            type(self.attempts) is int and self.attempts >= 1,
            f"{owner} has {self.attempts!r} attempts; give a whole number from 1",
        )
