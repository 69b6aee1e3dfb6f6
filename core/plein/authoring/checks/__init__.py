"""The rules that hold for every plugin, each tried out on a site that is made for it and thrown away.

``plein plugin check NAME`` asks them all; in the tests of a plugin ``test_contract = contract_of("NAME")`` does.
"""

from collections.abc import Iterator
from typing import Any

from plein.authoring.checks import asking, looking, reading, rows, sleeping
from plein.authoring.checks.result import Check, Result
from plein.authoring.checks.trial import Trial, make_trial
from plein.plugins import PluginError

__all__ = ["CHECKS", "Check", "Result", "Trial", "make_trial", "run", "run_all"]

#: In the order in which they are told: what is read first, then what needs the site.
CHECKS = (
    Check("readme", "it says what it is", reading.readme, on_data=False),
    Check("floors", "it imports what it may", reading.floors, on_data=False),
    Check("words", "it speaks Dutch and English", reading.words, on_data=False),
    Check("icons", "its icons are there", reading.icons, on_data=False),
    Check("permissions", "every view says who may come", reading.permissions, on_data=False),
    Check("matrix", "who may not come, does not", asking.matrix),
    Check("statements", "its pages ask the database little", asking.statements),
    Check("round-trip", "what is dumped and loaded again is equal", rows.round_trip),
    Check("erasure", "what it keeps of people is declared, and goes", rows.erasure),
    Check("dormant", "its rows survive while it is not there", sleeping.dormant),
    Check("migrations", "its tables go and come back", rows.migrations),
    Check("accessibility", "its pages are for everybody", looking.accessibility, on_data=False),
)


def run(check: Check, trial: Trial) -> Result:
    """The outcome of one check. A rule that breaks by surprise is one that is not kept."""
    try:
        found = check.function(trial)
    except PluginError as error:
        return Result(check.name, "failed", str(error))
    except Exception as error:
        return Result(check.name, "failed", f"it broke: {type(error).__name__}: {str(error).splitlines()[0:1]}")
    return Result(check.name, *found)


def run_all(trial: Trial) -> Iterator[Result]:
    """The outcome of every check, as it is known."""
    for check in CHECKS:
        yield run(check, trial)


def refused(error: Exception) -> Result:
    """The outcome where the site did not even start with the plugin."""
    return Result("start", "failed", str(getattr(error, "evalue", None) or error))


def outcome(found: Any) -> bool:
    """Whether nothing of *found* failed."""
    return all(result.state != "failed" for result in found)
