"""What a check is, and what comes of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["kept", "failed", "not tried"]
#: What a check's function returns: the state, a sentence, and what to do about it.
Outcome = tuple[State, str] | tuple[State, str, str]

#: Of what is wrong, so many are named.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Check:
    """A rule. :param on_data: whether it is about rows, and so is tried on each kind of database."""

    name: str
    says: str
    function: Callable[[Any], Outcome]
    on_data: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check: one sentence, and the remedy where it failed."""

    check: str
    state: State
    says: str
    remedy: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.check}: {self.says}" + (f" {self.remedy}" if self.remedy else "")


def judged(wrong: Iterable[str], kept: str, remedy: str) -> Outcome:
    """Failed where there is something in *wrong*, which is named; kept otherwise."""
    found = list(wrong)
    if not found:
        return "kept", kept
    more = f" (and {len(found) - _NAMED} more)" if len(found) > _NAMED else ""
    return "failed", "; ".join(found[:_NAMED]) + more + ".", remedy
