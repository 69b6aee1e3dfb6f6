"""Every word of the interface is there in Dutch and in English, and the compiled catalogues are current."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PLEIN_NL = ROOT / "core" / "plein" / "locale" / "nl" / "LC_MESSAGES" / "plein.po"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "tools" / "catalogues.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


catalogues = load()
PACKAGES = catalogues.packages()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.domain)
def test_catalogues_of_a_package_are_complete_and_current(package: object) -> None:
    assert catalogues.check(package) == []


def test_core_and_wiki_have_catalogues() -> None:
    assert {"plein", "plein_wiki"} <= {package.domain for package in PACKAGES}


def test_dutch_says_je_and_does_not_shout() -> None:
    core = next(package for package in PACKAGES if package.domain == "plein")
    texts = [
        text
        for message in catalogues.read(core, "nl")
        if message.id
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    formal = [text for text in texts if re.search(r"\b(u|uw|Uw)\b", text)]
    shouting = [text for text in texts if text.endswith("!")]
    assert (formal, shouting) == ([], [])


def test_words_are_found_in_calls_elements_and_attributes() -> None:
    source = """<p xmlns:i18n="x" i18n:translate="">Hello <b i18n:name="who">you</b></p>
    <a title="Tip" i18n:attributes="title">${ngettext('${n} page', '${n} pages', (1 + 2))}</a>
    <i tal:define="args dict(text=_('One; two'), more=_("It's"))"></i><!--! ${_('not this')} !-->"""
    found = set(catalogues.in_template(source, "a test"))
    assert found == {"Hello ${who}", "Tip", ("${n} page", "${n} pages"), "One; two", "It's"}


def test_expression_inside_a_translated_element_is_refused() -> None:
    with pytest.raises(catalogues.WordError, match="i18n:name"):
        list(catalogues.in_template('<p i18n:translate="">Hello ${name}</p>', "a test"))
