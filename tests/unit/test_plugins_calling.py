"""Calling hooks: the order, and that one plugin's failure stays its own."""

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
from pyramid.httpexceptions import HTTPTooManyRequests
from structlog.testing import capture_logs

from plein.contributions import Identity, NavigationItem
from plein.hookspecs import hookimpl
from plein.plugins import Answer, Candidate, Plugins, build_plugins

REQUEST = SimpleNamespace()
HOME = NavigationItem("Home", "/")


@pytest.fixture(autouse=True)
def logs() -> Iterator[list]:
    with capture_logs() as captured:
        yield captured


def plugin(name: str, *, weight: int = 0, **hooks) -> Candidate:
    module = ModuleType(f"plein_{name}")
    module.weight = weight
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    return Candidate(name, f"plein_{name}", f"plein-{name}", "1.0", ("plein>=1,<2",), lambda: module)


def build(*candidates: Candidate, **options) -> Plugins:
    return build_plugins({}, environ={}, candidates=candidates, **options)


def navigation(plugins: Plugins, request=REQUEST) -> list[Answer]:
    return plugins.call("navigation_items", request=request)


def answers(title: str):
    return lambda request: [NavigationItem(title, "/")]


def raises(error: BaseException):
    def implementation(request):
        raise error

    return implementation


class Core:
    """A feature of the core."""

    def __init__(self, **hooks) -> None:
        for hook, function in hooks.items():
            setattr(self, hook, hookimpl(function))


# -- order ------------------------------------------------------------------------------------------------------------


def test_plugins_answer_by_weight_then_name():
    plugins = build(
        plugin("zebra", navigation_items=answers("Z")),
        plugin("ape", weight=5, navigation_items=answers("A")),
        plugin("wolf", weight=-1, navigation_items=answers("W")),
        plugin("cat", navigation_items=answers("C")),
    )
    assert [answer.plugin for answer in navigation(plugins)] == ["wolf", "cat", "zebra", "ape"]


def test_core_answers_first_in_the_order_it_was_put_together():
    plugins = build(plugin("ape", weight=-100, navigation_items=answers("A")))
    plugins.add_core("spaces", Core(navigation_items=answers("S")))
    plugins.add_core("content", Core(navigation_items=answers("C")))
    assert [answer.plugin for answer in navigation(plugins)] == ["spaces", "content", "ape"]


def test_collecting_goes_by_the_weight_of_each_item():
    light, heavy = NavigationItem("Light", "/", weight=-1), NavigationItem("Heavy", "/", weight=9)
    plugins = build(
        plugin("ape", navigation_items=lambda request: [heavy, HOME]),
        plugin("wolf", navigation_items=lambda request: [HOME, light]),
    )
    assert plugins.collect("navigation_items", request=REQUEST) == [light, HOME, HOME, heavy]


def test_returning_nothing_adds_nothing():
    plugins = build(plugin("ape", navigation_items=lambda request: None))
    plugins.add_core("spaces", Core(navigation_items=lambda request: None))
    assert navigation(plugins) == [Answer("spaces", []), Answer("ape", [])]
    assert plugins.failures["ape"] == 0


def test_unknown_hook_names_the_nearest():
    with pytest.raises(LookupError, match="There is no hook navigation_item; did you mean navigation_items"):
        build().call("navigation_item", request=REQUEST)


def test_caller_gives_exactly_what_the_hook_takes():
    with pytest.raises(TypeError, match="page_items takes request, slot, context, not request"):
        build().call("page_items", request=REQUEST)


# -- failures ---------------------------------------------------------------------------------------------------------


def endless(request):
    return endless(request)


@pytest.mark.parametrize(
    "broken",
    [
        raises(ValueError("no")),
        raises(SystemExit(1)),
        raises(StopIteration()),
        endless,
        lambda request: "text",
        lambda request: HOME,
        lambda request: {"title": "Home"},
        lambda request: [HOME, "text"],
        lambda request: (item for item in [HOME]),
        lambda request: [NavigationItem("", "/")],
        lambda request: [NavigationItem("Home", "javascript:alert(1)")],
    ],
)
def test_one_failing_plugin_takes_nothing_else_with_it(broken, logs):
    plugins = build(plugin("ape", navigation_items=broken), plugin("wolf", navigation_items=answers("W")))
    assert [answer.plugin for answer in navigation(plugins)] == ["wolf"]
    assert plugins.failures == {"ape": 1}
    assert [(entry["event"], entry["plugin"], entry["hook"]) for entry in logs] == [
        ("plugin.failed", "ape", "navigation_items")
    ]


def test_keyboard_interrupt_is_not_a_plugins_failure():
    plugins = build(plugin("ape", navigation_items=raises(KeyboardInterrupt())))
    with pytest.raises(KeyboardInterrupt):
        navigation(plugins)


def test_failure_of_the_core_is_not_hidden():
    plugins = build(plugin("ape", navigation_items=answers("A")))
    plugins.add_core("search", Core(navigation_items=raises(ValueError("lost"))))
    with pytest.raises(ValueError, match="lost"):
        navigation(plugins)


def test_failure_in_a_part_of_a_page_counts_too(logs):
    plugins = build(plugin("ape"))
    assert plugins.part("ape", "page_items", REQUEST, lambda: raises(ValueError("template"))(REQUEST)) is None
    assert plugins.failures["ape"] == 1
    assert logs[0]["event"] == "plugin.failed"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_plugin_that_keeps_failing_is_left_out_until_somebody_resumes_it(logs):
    clock, calls = Clock(), []

    def broken(request):
        calls.append(clock.now)
        raise ValueError

    plugins = build(plugin("ape", navigation_items=broken), plugin("wolf", navigation_items=answers("W")), clock=clock)
    for _ in range(15):
        assert [answer.plugin for answer in navigation(plugins)] == ["wolf"]
    assert len(calls) == plugins.failures["ape"] == 10
    assert plugins.paused() == ("ape",)
    assert [entry["event"] for entry in logs].count("plugin.paused") == 1
    clock.now += 100_000
    assert plugins.paused() == ("ape",)
    plugins.resumed("ape")
    navigation(plugins)
    assert len(calls) == 11
    assert plugins.paused() == ()


def test_plugin_that_fails_now_and_then_is_not_left_out():
    clock = Clock()
    plugins = build(plugin("ape", navigation_items=raises(ValueError())), clock=clock)
    for _ in range(30):
        navigation(plugins)
        clock.now += 60
    assert plugins.failures["ape"] == 30
    assert plugins.paused() == ()


def test_core_is_never_left_out():
    clock = Clock()
    plugins = build(clock=clock)
    plugins.add_core("security", Core(navigation_items=raises(ValueError("again"))))
    for _ in range(30):
        with pytest.raises(ValueError, match="again"):
            navigation(plugins)
    assert plugins.paused() == ()


# -- the first answer wins --------------------------------------------------------------------------------------------

ANNA = Identity("work", "7", "anna", "Anna")


def test_first_answer_wins_and_the_others_are_not_asked():
    plugins = build(
        plugin("one", authenticate=lambda request: None),
        plugin("two", authenticate=lambda request: ANNA),
        plugin("zoo", authenticate=raises(RuntimeError("asked"))),
    )
    assert plugins.first("authenticate", request=REQUEST) is ANNA
    assert not plugins.failures


def test_who_fails_is_passed_over_and_never_paused(logs):
    plugins = build(
        plugin("one", authenticate=raises(RuntimeError("down"))), plugin("two", authenticate=lambda request: ANNA)
    )
    for _often in range(20):
        assert plugins.first("authenticate", request=REQUEST) is ANNA
    assert plugins.failures["one"] == 20 and not plugins.paused()
    assert logs[0]["event"] == "plugin.failed"


def test_answer_of_another_kind_is_no_answer():
    plugins = build(plugin("one", authenticate=lambda request: "anna"))
    assert plugins.first("authenticate", request=REQUEST) is None
    assert plugins.failures["one"] == 1


def test_answer_meant_for_people_goes_through():
    plugins = build(plugin("one", authenticate=raises(HTTPTooManyRequests())))
    with pytest.raises(HTTPTooManyRequests):
        plugins.first("authenticate", request=REQUEST)


def test_core_alone_adds_nothing_to_a_hook():
    plugins = build()
    plugins.add_core("people", Core(authenticate=lambda request: None))
    assert not plugins.adds_to("authenticate")
    assert build(plugin("one", authenticate=lambda request: None)).adds_to("authenticate")
