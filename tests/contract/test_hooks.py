"""The contract with plugins: every hook is documented, typed and used, and the documents say what the code says."""

import ast
import inspect
from pathlib import Path

import pytest

from plein import hookspecs, settings
from plein.hookspecs import HOOKS, SLOTS

ROOT = Path(__file__).resolve().parents[2]
FACTS = ("Called", "Transaction", "Failure", "Since")


def implemented_hooks() -> set[str]:
    """The names of functions marked ``@hookimpl`` in the core and in the plugins shipped with it."""
    found = set()
    for path in [*ROOT.glob("core/plein/**/*.py"), *ROOT.glob("plugins/**/*.py")]:
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(mark, ast.Name) and mark.id == "hookimpl" for mark in node.decorator_list
            ):
                found.add(node.name)
    return found


def test_there_are_hooks():
    assert "register_content_types" in HOOKS
    assert all(hook.kind in ("declare", "show", "take part", "react", "replace") for hook in HOOKS.values())


@pytest.mark.parametrize("name", HOOKS)
def test_hook_is_used_by_the_core_or_a_shipped_plugin(name):
    assert name in implemented_hooks()


@pytest.mark.parametrize("name", HOOKS)
def test_hook_says_when_it_is_called_and_by_whom(name):
    text = inspect.getdoc(HOOKS[name].function) or ""
    for fact in FACTS:
        assert f"\n{fact}: " in text, f"{name} has no line that begins with '{fact}: '"


@pytest.mark.parametrize("name", HOOKS)
def test_example_of_a_hook_is_an_implementation_that_fits(name):
    text = inspect.getdoc(HOOKS[name].function) or ""
    (function,) = ast.parse(inspect.cleandoc(text.split("Example::")[1])).body
    assert isinstance(function, ast.FunctionDef)
    assert function.name == name
    assert {argument.arg for argument in function.args.args} <= set(HOOKS[name].arguments)


@pytest.mark.parametrize("name", HOOKS)
def test_hook_is_typed(name):
    signature = inspect.signature(HOOKS[name].function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())
    assert (HOOKS[name].item_type is None) == (HOOKS[name].kind in ("take part", "react"))


def test_slots_of_a_page_are_documented():
    text = HOOKS["page_items"].function.__doc__ or ""
    assert all(f"``{slot}``" in text for slot in SLOTS)


def test_slots_are_the_ones_that_pages_ask_for():
    calls = {
        argument.value
        for path in ROOT.glob("core/plein/**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
        if isinstance(argument, ast.Constant) and argument.value in SLOTS
    }
    assert calls == set(SLOTS)


@pytest.mark.parametrize(
    ("document", "module"), [("docs/hooks.md", hookspecs), ("docs/settings.md", settings)], ids=["hooks", "settings"]
)
def test_document_is_current(document, module):
    written = (ROOT / document).read_text(encoding="utf-8")
    assert written == module.document(), f"run: python -m {module.__name__} > {document}"
