"""Codes that two browsers give at the same moment, on both databases: one gets in."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pyotp
from sqlalchemy import Engine

from plein.db import open_session
from plein.people.second_factor.codes import AppCodes
from plein.people.second_factor.recovery import RecoveryCodes
from plein.testing import SECRET

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT_ONCE = 8


def at_once(engine: Engine, use: Callable[[Any], bool]) -> list[bool]:
    start, results = threading.Barrier(AT_ONCE), []

    def run() -> None:
        start.wait()
        with open_session(engine, writes=True) as db, db.begin():
            right = use(db)
        results.append(right)

    threads = [threading.Thread(target=run) for _each in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == AT_ONCE
    return results


def test_recovery_code_lets_one_in(engine, make_user, db) -> None:
    anna = make_user("anna")
    service = RecoveryCodes(db, anna.id)
    codes, batch = service.make()
    service.keep(batch)
    db.commit()
    assert at_once(engine, lambda db: RecoveryCodes(db, anna.id).use(codes[0])).count(True) == 1


def test_code_of_an_app_lets_one_in(engine, make_user, db) -> None:
    anna = make_user("anna")
    AppCodes(db, SECRET).set_up(anna, KEY, 0)
    db.commit()
    code = pyotp.TOTP(KEY).generate_otp(int(time.time()) // 30)
    assert at_once(engine, lambda db: AppCodes(db, SECRET).use(anna.id, code)).count(True) == 1


def test_with_another_secret_of_the_site_codes_do_not_open_and_recovery_codes_do(engine, make_user, db) -> None:
    anna = make_user("anna")
    AppCodes(db, SECRET).set_up(anna, KEY, 0)
    service = RecoveryCodes(db, anna.id)
    codes, batch = service.make()
    service.keep(batch)
    db.commit()
    code = pyotp.TOTP(KEY).generate_otp(int(time.time()) // 30)
    assert not AppCodes(db, "another secret, and long enough to be one").use(anna.id, code)
    assert service.use(codes[0])
