"""Passwords: what is refused, how they are hashed, and that an unknown name costs the same work."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters

from plein.people import accounts, passwords
from plein.people.accounts import Account
from plein.security.limits import BusyError

OWN = ("k.vaak", "Klaas Vaak", "klaas.vaak@example.nl", "Het Plein")

WEAK = [
    "elf tekens.",
    "aaaaaaaaaaaa",
    "abcabcabcabcabc",
    "123456789012",
    "qwertyuiop12",
    "poiuytrewq21",
    "1q2w3e4r5t6y",
    "asdfghjkl;1234",
    "Welkom2024!!!",
    "W3lk0m2024!!",
    "P@ssw0rd123456",
    "wachtwoord123!",
    "Mijnwachtwoord1",
    "Zomer2025!!!",
    "Geheim-geheim-99",
    "klaas-vaak-2024",
    "KlaasVaak2024!",
    "k.vaak k.vaak!1",
    "HetPlein12345!",
    "correct horse battery staple",
]

STRONG = [
    "paard lamp rivier",
    "De kat krabt de krullen",
    "xK9#mQ2$vL5p",
    "zonnebloem-fiets-kaas",
    "een plein vol stoelen en regen",
    "ツ" * 3 + "überraschungsei",
]


@pytest.mark.parametrize("password", WEAK)
def test_password_that_is_guessed_early_is_refused(password: str) -> None:
    assert passwords.weakness(password, OWN) is not None


@pytest.mark.parametrize("password", STRONG)
def test_password_of_unrelated_words_is_accepted(password: str) -> None:
    assert passwords.weakness(password, OWN) is None


def test_length_is_between_12_and_1024() -> None:
    long = "gras paard lamp " * 64
    assert passwords.weakness("gras paard l") is None
    assert passwords.weakness("gras paard ") is not None
    assert len(long) == 1024
    assert "1024" not in str(passwords.weakness(long) or "")
    assert passwords.weakness(long + "x") is not None


def test_own_name_is_told_apart_from_a_common_word() -> None:
    assert passwords.weakness("klaas-vaak-2024", OWN) != passwords.weakness("Welkom2024!!!", OWN)


def test_hash_is_argon2id_with_64_mib() -> None:
    found = extract_parameters(passwords.hash_password("paard lamp rivier"))
    assert found.type.name == "ID"
    assert found.memory_cost >= 64 * 1024
    assert found.time_cost >= 2


def test_right_password_is_right_in_either_spelling_of_the_same_letter() -> None:
    stored = passwords.hash_password("cafe\u0301 paard lamp")
    assert passwords.verify_password(stored, "caf\u00e9 paard lamp")
    assert not passwords.verify_password(stored, "cafe paard lamp")


def test_empty_and_broken_hashes_are_never_right() -> None:
    assert not passwords.verify_password("", "nobody's password")
    assert not passwords.verify_password("not a hash", "x")


def test_dummy_hash_costs_what_a_real_one_costs() -> None:
    assert extract_parameters(passwords.DUMMY_HASH) == extract_parameters(passwords.hash_password("paard lamp rivier"))


@pytest.mark.parametrize(
    "account",
    [
        None,
        Account(1, "anna", "Anna", "", "active", ""),
        Account(1, "anna", "Anna", "", "suspended", passwords.DUMMY_HASH),
        Account(1, "anna", "Anna", "", "active", passwords.DUMMY_HASH),
    ],
    ids=["unknown", "without a password", "suspended", "wrong password"],
)
def test_every_failure_hashes_exactly_once(account: Account | None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def verify(_self: Any, password_hash: str, _password: str) -> bool:
        seen.append(password_hash)
        raise passwords.VerificationError

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    assert not accounts.check_password(account, "wrong")
    assert seen == [passwords.DUMMY_HASH]


def test_suspended_account_is_refused_with_the_right_password() -> None:
    right = passwords.hash_password("paard lamp rivier")
    assert accounts.check_password(Account(1, "anna", "Anna", "", "active", right), "paard lamp rivier")
    assert not accounts.check_password(Account(1, "anna", "Anna", "", "suspended", right), "paard lamp rivier")


def test_old_parameters_give_a_new_hash() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("paard lamp rivier")
    account = Account(1, "anna", "Anna", "", "active", old)
    new = accounts.better_hash(account, "paard lamp rivier")
    assert new is not None and passwords.verify_password(new, "paard lamp rivier")
    assert accounts.better_hash(account._replace(password_hash=new), "paard lamp rivier") is None


def test_at_most_two_hashes_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = [0, 0]
    guard = threading.Lock()

    def slow(_password: str) -> str:
        with guard:
            running[0] += 1
            running[1] = max(running)
        time.sleep(0.02)
        with guard:
            running[0] -= 1
        return "hash"

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(hash=slow))
    threads = [threading.Thread(target=passwords.hash_password, args=("x",)) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running == [0, 2]


def test_waiting_too_long_for_a_turn_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_turn", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0.01)
    passwords._turn.acquire()
    with pytest.raises(BusyError):
        passwords.hash_password("paard lamp rivier")
