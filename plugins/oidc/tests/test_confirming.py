"""Proving anew who one is, and what an administrator needs beside being known to a provider."""

import time
from datetime import timedelta
from typing import Any

import pytest
from forger import Forger
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.api import Base, utcnow

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

USERS, SESSIONS = (Base.metadata.tables[name] for name in ("user", "sign_in_session"))


def confirmed_lately(db: Session) -> bool:
    found = db.scalar(select(SESSIONS.c.confirmed_at))
    db.rollback()
    return bool(found and found > utcnow() - timedelta(minutes=5))


def confirm(site: Any) -> Any:
    asked = site.begin("start?confirm=1")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    return site.back(asked["state"])


def known_only(forger: Forger) -> None:
    """The provider knows the person since this morning, and did not ask."""
    forger.claims["auth_time"] = int(time.time()) - 7200


def test_who_was_only_known_confirms_by_being_asked(site: Any, forger: Forger, db: Session) -> None:
    known_only(forger)
    site.enter()
    assert not confirmed_lately(db)
    forger.reset()
    assert confirm(site).status_int == 303
    assert confirmed_lately(db)


def test_who_was_asked_has_confirmed_by_that(site: Any, db: Session) -> None:
    site.enter()
    assert confirmed_lately(db)


@pytest.mark.parametrize("lacks", ["asked", "time"])
def test_a_provider_that_did_not_ask_confirms_nothing(
    site: Any, forger: Forger, db: Session, audited: Any, lacks: str
) -> None:
    known_only(forger)
    site.enter()
    if lacks == "time":
        forger.without.add("auth_time")
    assert "did not ask you" in confirm(site)
    assert audited() == ["not_fresh"] and not confirmed_lately(db)


def test_another_person_confirms_nothing(site: Any, forger: Forger, db: Session, audited: Any) -> None:
    known_only(forger)
    site.enter()
    forger.reset()
    forger.claims["sub"] = "subject-bas"
    assert "somebody else than here" in confirm(site)
    assert audited() == ["another_person"] and not confirmed_lately(db)


def test_without_being_signed_in_confirming_is_signing_in(site: Any) -> None:
    assert "prompt" not in site.begin("start?confirm=1")


def test_renewing_asks_nothing(site: Any) -> None:
    assert site.begin("renew")["prompt"] == "none"


@pytest.mark.parametrize(
    ("claims", "is_strong"),
    [
        ({}, False),
        ({"acr": "loa1", "amr": ["pwd"]}, False),
        ({"acr": "loa3"}, True),
        ({"amr": ["pwd", "otp"]}, True),
        ({"amr": "otp"}, False),
        ({"acr": ["loa3"]}, False),
    ],
)
def test_an_administrator_is_one_with_the_acr_or_amr_that_is_required(
    oidc_settings: dict[str, str],
    request: pytest.FixtureRequest,
    db: Session,
    claims: dict[str, Any],
    is_strong: bool,
) -> None:
    oidc_settings |= {
        "oidc.work.strong_acr": "loa3 loa4",
        "oidc.work.strong_amr": "otp",
        "plein.second_factor": "administrators",
    }
    site = request.getfixturevalue("site")
    site.enter()
    db.execute(USERS.update().values(is_admin=True))
    db.commit()
    site.app.reset()
    site.forger.claims |= claims
    assert site.begin()["acr_values"] == "loa3 loa4"
    assert site.enter().status_int == 303
    assert (site.app.get("/admin", status="*").status_int == 200) == is_strong
