"""The chosen values as each process keeps them, and the settings in force with those in them."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from plein.adjusting.models import SettingValue
from plein.security.stamps import Kept
from plein.settings import PAGE, Settings, fit

log = structlog.get_logger(__name__)

Values = Mapping[str, Any]


class Adjusted:
    """The values that were chosen on pages, as this process knows them.

    :param fixed: the settings as the file, the environment and the defaults have them.
    """

    def __init__(self, engine: Engine, fixed: Settings) -> None:
        self.fixed = fixed
        self.kept: Kept[Values] = Kept(engine, self._read, first={})

    def _read(self, connection: Connection, _number: int) -> Values:
        """What was chosen and still fits: another version of a plugin may want another type, or less."""
        found = {}
        for name, value in connection.execute(select(SettingValue.name, SettingValue.value)):
            setting = self.fixed.adjustable.get(name)
            if setting is None:
                continue
            try:
                found[name] = fit(setting, value)
            except ValueError as error:
                log.warning("setting.ignored", setting=name, reason=str(error))
        return found


class LiveSettings(Settings):
    """The settings in force at this moment. Only what may be changed on a page is looked up, and only when asked for.

    :param number: gives the number of the stamp that the values must have at least; without it, those of the moment.
    """

    def __init__(self, adjusted: Adjusted, number: Callable[[], int] | None = None) -> None:
        # All that never changes is shared: there is one of these for each request.
        fixed = adjusted.fixed
        self._values, self._sources, self.others = fixed._values, fixed._sources, fixed.others
        self.declared, self.adjustable = fixed.declared, fixed.adjustable
        self.adjusted = adjusted
        self._number = number

    def __getitem__(self, name: str) -> Any:
        if name in self.adjustable:
            chosen = self._chosen()
            if name in chosen:
                return chosen[name]
        return self._values[name]

    def source(self, name: str) -> str:
        return PAGE if name in self.adjustable and name in self._chosen() else super().source(name)

    def at(self, number: Callable[[], int]) -> "LiveSettings":
        """These settings as a request with that number has them."""
        return LiveSettings(self.adjusted, number)

    def _chosen(self) -> Values:
        kept = self.adjusted.kept
        try:
            return kept.now() if self._number is None else kept.at(self._number())
        except SQLAlchemyError:
            # The page that says so has a title too.
            return kept.last() or {}
