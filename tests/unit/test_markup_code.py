"""Colours in code: words get a class, and no code can take all time."""

from time import thread_time

import pytest

from plein.web import markup_code
from plein.web.markup import LinkContext, render
from plein.web.markup_code import LANGUAGES, Colours


def _html(source: str) -> str:
    return render(source, links=LinkContext()).html


def test_words_of_code_get_a_class_and_no_style() -> None:
    html = _html("```python\ndef f(x):\n    return 'a' # b\n```")
    assert '<span class="tok-k">def</span>' in html
    assert "<span class=\"tok-s\">'a'</span>" in html
    assert '<span class="tok-c"># b</span>' in html
    assert "style" not in html


def test_code_stays_as_it_was_written() -> None:
    code = '\n  if a &lt; b && "x" </script>\t\'\n\n'
    for language in LANGUAGES:
        html = Colours().html(code, language)
        text = markup_code.escape(code)
        assert "".join(part.rpartition(">")[2] for part in html.split("<")) == text


@pytest.mark.parametrize("language", ["", "onbekend", "python"])
def test_script_in_code_is_text(language: str) -> None:
    assert "<script" not in _html(f"```{language}\n<script>alert(1)</script>\n```")


def test_large_code_is_shown_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "tok-" not in Colours().html("x = 1\n" * 1000, "python")
    assert "tok-" not in Colours().html("x = 1;" * 100, "python")
    colours = Colours()
    for _ in range(20):
        colours.html("x = 1\n" * 600, "python")
    assert "tok-" not in colours.html("x = 1\n", "python") or colours.room > 0
    monkeypatch.setattr(markup_code, "MAX_SECONDS", 0.0)
    assert "tok-" not in Colours().html("x = 1\n", "python")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_hostile_code_takes_bounded_time(language: str) -> None:
    for piece in ("a\n", "\n", '"', "<a ", "é\n"):
        code = (piece * 4_000)[: markup_code.MAX_BLOCK]
        start = thread_time()
        Colours().html(code, language)
        assert thread_time() - start < 2
