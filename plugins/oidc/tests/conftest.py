"""Fixtures: a forging provider, and a site that trusts it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from forger import CLIENT, CODE, Forger
from plein_oidc.discovery import Published
from sqlalchemy import select
from webtest import TestApp

from plein.api import Base


@pytest.fixture
def forger() -> Iterator[Forger]:
    """A provider that says what a test wants."""
    made = Forger()
    yield made
    made.stop()


@pytest.fixture
def oidc_settings(settings_values: dict[str, str], forger: Forger) -> dict[str, str]:
    """The settings of the site, with the forger as its provider ``work``. Change them before asking for ``site``."""
    settings_values |= {
        "oidc.providers": "work",
        "oidc.work.issuer": forger.issuer,
        "oidc.work.client_id": CLIENT,
        "oidc.work.client_secret": "a secret: with % and +",
        "oidc.work.title": "Municipality",
        "oidc.work.create": "true",
        "plein.sign_in_limit": "1000",
    }
    return settings_values


class Site:
    """The site as a browser sees it, with the forger at the other end."""

    def __init__(self, app: TestApp, forger: Forger) -> None:
        self.app = app
        self.forger = forger

    def renew_forger(self) -> Forger:
        """The forger as it was, and nothing remembered of what it published."""
        self.forger.reset()
        for flow in self.app.app.registry["plein_oidc.flows"].values():
            published = flow.verifier.published
            flow.verifier.published = Published(published.provider, flow.wire)
        return self.forger

    def begin(self, page: str = "start", provider: str = "work", following: str = "/") -> dict[str, str]:
        """Go to the provider; gives what it is asked."""
        answer = self.app.get(f"/oidc/{provider}/{page}", {"next": following}, status=303)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
        self.forger.nonce = asked["nonce"]
        return asked

    def back(self, state: str, provider: str = "work", **changes: str | None) -> Any:
        """Come back from the provider with its answer."""
        answer = {"state": state, "code": CODE, "iss": self.forger.issuer, **changes}
        return self.app.get(
            f"/oidc/{provider}/callback",
            {name: value for name, value in answer.items() if value is not None},
            status="*",
        )

    def enter(self, page: str = "start", following: str = "/") -> Any:
        """There and back."""
        return self.back(self.begin(page, following=following)["state"])


@pytest.fixture
def site(oidc_settings: dict[str, str], request: pytest.FixtureRequest, forger: Forger) -> Site:
    """The site, without anybody signed in."""
    return Site(request.getfixturevalue("app"), forger)


@pytest.fixture
def audited(request: pytest.FixtureRequest) -> Callable[[str], list[str]]:
    """``audited("session.refused")``: the reasons in the audit log of what was refused."""
    entries = Base.metadata.tables["audit_entry"].c

    def reasons(action: str = "session.refused") -> list[str]:
        with request.getfixturevalue("engine").connect() as connection:
            rows = connection.execute(
                select(entries.details, entries.result).where(entries.action == action).order_by(entries.number)
            ).all()
        assert all(row.result == "refused" for row in rows)
        return [row.details["reason"] for row in rows]

    return reasons
