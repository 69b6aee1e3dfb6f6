"""Hooks that take too long: what ends them, and what happens where nothing does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from plein.contributions import NavigationItem
from plein.hookspecs import hookimpl
from plein.plugins import Candidate, Plugins, build_plugins, calling, watching

REQUEST = SimpleNamespace(path="/somewhere")
_new_run = calling.new_run


@pytest.fixture(autouse=True)
def logs() -> Iterator[list]:
    with capture_logs() as captured:
        yield captured


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second is long here."""

    def new_run(*given: Any) -> watching.Run:
        run = _new_run(*given)
        run.limit = watching.Limit(0.02, 0.1)
        return run

    monkeypatch.setattr(calling, "new_run", new_run)
    monkeypatch.setattr(watching, "TICK", 0.01)
    monkeypatch.setattr(watching, "AGAIN", 0.05)
    monkeypatch.setattr(watching, "STUCK", 0.1)


def build(**hooks: Callable[..., Any]) -> Plugins:
    """A plugin ``ape`` with these hooks, and ``wolf``, which answers."""
    made = []
    for name, own in (("ape", hooks), ("wolf", {"navigation_items": lambda request: [NavigationItem("W", "/")]})):
        module = ModuleType(f"plein_{name}")
        for hook, function in own.items():
            setattr(module, hook, hookimpl(function))
        requires = ("plein>=1,<2",)
        made.append(Candidate(name, f"plein_{name}", f"plein-{name}", "1", requires, lambda module=module: module))
    return build_plugins({}, environ={}, candidates=made)


def took(plugins: Plugins) -> float:
    """How long a page waits; the other plugin must have been asked."""
    began = time.monotonic()
    assert [answer.plugin for answer in plugins.call("navigation_items", request=REQUEST)] == ["wolf"]
    return time.monotonic() - began


def busy(request: Any) -> None:
    while True:
        try:
            sum(range(100))
        except Exception:
            continue


def waits_for_an_answer(request: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.recv(1)


@pytest.mark.parametrize("hangs", [busy, waits_for_an_answer, lambda request: time.sleep(30)])
def test_hook_that_hangs_is_ended_and_fails(hangs: Callable[..., Any]) -> None:
    plugins = build(navigation_items=hangs)
    assert took(plugins) < 5
    assert plugins.failures == {"ape": 1}
    assert plugins.paused() == ()


def test_second_hook_that_hangs_pauses_its_plugin() -> None:
    plugins = build(navigation_items=busy)
    for _each in range(3):
        took(plugins)
    assert plugins.failures == {"ape": 2} and plugins.paused() == ("ape",)


def test_hook_that_cannot_be_ended_is_paused_while_it_hangs(logs: list) -> None:
    gate = threading.Lock()
    gate.acquire()
    plugins = build(navigation_items=lambda request: gate.acquire())
    first = threading.Thread(target=took, args=(plugins,))
    first.start()
    deadline = time.monotonic() + 20
    while plugins.paused() != ("ape",) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert first.is_alive()
    # Nobody else waits for it.
    assert took(plugins) < 5 and plugins.failures == {"ape": 1}
    gate.release()
    first.join()
    assert plugins.failures == {"ape": 1}
    assert "plugin.hangs" in [entry["event"] for entry in logs]


def test_hook_that_returns_too_late_has_answered_nothing() -> None:
    gate = threading.Event()
    threading.Timer(0.2, gate.set).start()

    def late(request: Any) -> list[NavigationItem]:
        gate.wait()
        return [NavigationItem("Late", "/")]

    assert took(build(navigation_items=late)) < 5


def test_nothing_that_was_sent_comes_after_the_hook() -> None:
    """What ends a hook must not end the page, however close to its limit the hook returns."""
    plugins = build(navigation_items=lambda request: time.sleep(0.09) or sum(range(200_000)) and None)
    for _each in range(20):
        plugins.call("navigation_items", request=REQUEST)
        sum(range(10_000))
        plugins.resumed("ape")


def test_hook_inside_a_hook_is_not_blamed_for_it() -> None:
    plugins = build(
        navigation_items=lambda request: plugins.call("content_actions", request=request, item=None) and busy(request),
        content_actions=lambda request, item: [],
    )
    assert took(plugins) < 5
    assert plugins.spent.of("ape")["content_actions"].failures == 0
    assert plugins.spent.of("ape")["navigation_items"].failures == 1


def test_slow_hook_is_mentioned_once_a_minute_and_answers(logs: list) -> None:
    plugins = build(navigation_items=lambda request: time.sleep(0.03) or [NavigationItem("A", "/")])
    for _each in range(2):
        answers = plugins.call("navigation_items", request=REQUEST)
        assert [answer.plugin for answer in answers] == ["ape", "wolf"]
    assert [entry["plugin"] for entry in logs if entry["event"] == "plugin.slow"] == ["ape"]
    cost = plugins.spent.of("ape")["navigation_items"]
    assert (cost.calls, cost.slow, cost.failures) == (2, 2, 0) and cost.slowest >= 0.03


def test_own_short_timeout_of_a_connection_is_kept() -> None:
    seen = []

    def connects(request: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            for own in (0.01, None):
                with socket.create_connection(server.getsockname(), own) as client:
                    seen.append(client.gettimeout())

    build(navigation_items=connects).call("navigation_items", request=REQUEST)
    assert seen[0] == 0.01 and 0 < seen[1] <= 0.1
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.gettimeout() is None
