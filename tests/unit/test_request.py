"""The session of a request hears all that the library would listen to, which joins it to the transaction."""

from typing import Any

import pytest
import sqlalchemy.event
import zope.sqlalchemy
from sqlalchemy.orm import Session

from plein.web.request import EVENTS


def test_nothing_is_missed_that_the_library_listens_to(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def listen(_session: Any, name: str, _function: Any) -> None:
        heard.append(name)

    monkeypatch.setattr(sqlalchemy.event, "listen", listen)
    zope.sqlalchemy.register(Session())
    assert heard == list(EVENTS)
