"""The contract with plugins: every hook is documented, typed and used, and the documents say what the code says."""

import ast
import importlib.util
import inspect
from pathlib import Path
from types import SimpleNamespace

import pytest

from plein import hookspecs, settings
from plein.hookspecs import HOOKS, SLOTS
from plein.web.blocks import blocks

ROOT = Path(__file__).resolve().parents[2]
_tool = importlib.util.spec_from_file_location("slots", ROOT / "tools/slots.py")
assert _tool is not None and _tool.loader is not None
slots = importlib.util.module_from_spec(_tool)
_tool.loader.exec_module(slots)
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


def test_slots_are_in_the_picture():
    drawn = (ROOT / "docs/images/slots.svg").read_text(encoding="utf-8")
    assert all(f">{slot}</text>" in drawn for slot in SLOTS), "draw it in tools/slots.py"
    assert drawn == slots.draw(), "run: python tools/slots.py > docs/images/slots.svg"


def test_place_that_is_not_documented_is_refused():
    with pytest.raises(LookupError, match="There is no slot home.top; known are home.main"):
        blocks(SimpleNamespace(), "home.top")


@pytest.mark.parametrize(
    ("document", "module"), [("docs/hooks.md", hookspecs), ("docs/settings.md", settings)], ids=["hooks", "settings"]
)
def test_document_is_current(document, module):
    written = (ROOT / document).read_text(encoding="utf-8")
    assert written == module.document(), f"run: python -m {module.__name__} > {document}"
