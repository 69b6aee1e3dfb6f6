"""Work for later."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from plein.contributions.checks import NAME, check_title, require

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class Job:
    """Work for later: a function that the executor calls in a process of its own choosing, with what was asked for.

    It runs once, and again where it failed or its process died halfway: make it so that a second time does no harm.

    :param name: ``wiki.make_index``: the plugin's name, a dot, words.
    :param run: ``run(context, **arguments)``; context is a :class:`plein.jobs.JobContext`.
    :param title: what it does, as administrators read it: "Send mail".
    :param every: how often it runs by itself, without arguments; ``None`` for only when asked.
    :param at: at which time of the day it runs by itself, every day, as ``"06:30"`` in the site's time zone; instead of
        *every*. On the night that has no such time it runs just after, on the night that has it twice the first time.
    :param lane: ``slow`` for what may take more than a few seconds, so that quick work never waits for it.
    :param attempts: how often it is tried before it is given up, with growing pauses of at most an hour.
    """

    name: str
    run: Callable[..., None]
    title: str
    every: timedelta | None = None
    at: str = ""
    lane: Literal["quick", "slow"] = "quick"
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
            self.at == "" or bool(_TIME.fullmatch(self.at)),
            f"{owner} runs at {self.at!r}; give hours and minutes, such as '06:30'",
        )
        require(not (self.at and self.every), f"{owner} has both every and at; give one of them")
        require(self.lane in ("quick", "slow"), f"{owner} has the lane {self.lane!r}; use quick or slow")
        require(
            type(self.attempts) is int and self.attempts >= 1,
            f"{owner} has {self.attempts!r} attempts; give a whole number from 1",
        )

    @property
    def recurs(self) -> bool:
        """Whether it runs by itself."""
        return self.every is not None or self.at != ""
