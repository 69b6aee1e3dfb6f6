"""Every template compiles, and none holds what the content security policy would refuse."""

import re
from pathlib import Path

import pytest
from chameleon import PageTemplateFile

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted([*ROOT.glob("core/plein/**/*.pt"), *ROOT.glob("plugins/**/plein_*/**/*.pt")])

#: Inline script or style: refused by browsers, because our policy has no exception for it.
INLINE = re.compile(
    r"<style\b|\sstyle=|\son[a-z]+=\"|href=\"javascript:|<script(?![^>]*\bsrc=|[^>]*\bsrc[ =;]|[^>]*tal:attributes)",
    re.I,
)


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_template_compiles(path: Path) -> None:
    PageTemplateFile(str(path)).cook_check()


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_template_has_no_inline_script_or_style(path: Path) -> None:
    found = [match.group() for match in INLINE.finditer(path.read_text(encoding="utf-8"))]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_template_is_translated_in_a_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "i18n:translate" in text or "i18n:attributes" in text:
        assert "i18n:domain=" in text
