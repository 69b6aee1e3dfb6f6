"""What is put into kept HTML for a reader: explained words and films; each leaves the rest of the HTML as it is."""

import re
from time import thread_time
from typing import Any

import pytest

from plein.content.glossary import expanding
from plein.content.glossary.expanding import Glossary, explain
from plein.content.showing.media import mark_media
from plein.web.markup import LinkContext, render

_WORDS = {"AVG": 'Wet "x" <y> & z', "Woo": "Wet open overheid", "amp": "nooit", "lt": "nooit"}


def _text(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("html", "times"),
    [
        ("<p>AVG en AVG</p>", 1),
        ("<p>AVG</p><h2>Woo</h2><p>AVG Woo</p>", 3),
        ("<p>AVG-verzoek, (AVG)</p>", 1),
        ("<p>AVGs, avg, DAVG</p>", 0),
        ('<p><a href="/AVG">AVG</a> <code>AVG</code></p><pre>AVG</pre><button>AVG</button>', 0),
        ('<p><a href="/x"><em>AVG</em></a> AVG</p>', 1),
        ('<img alt="AVG > b" src="/x">', 0),
        ("<p>a &amp; b &lt; c</p>", 0),
    ],
)
def test_word_is_explained_where_it_stands_first(html: str, times: int) -> None:
    explained = explain(html, _WORDS)
    assert explained.count("<abbr") == times
    assert _text(explained) == _text(html)
    assert re.sub(r'<abbr title="[^"<>]*">([^<]*)</abbr>', r"\1", explained) == html


def test_text_that_is_read_again_is_explained_once_for_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(expanding, "explain", lambda html, words: asked.append(html) or explain(html, words))
    engine: Any = None
    glossary = Glossary(engine)
    assert glossary.explained("<p>AVG</p>", 0) == "<p>AVG</p>"
    glossary._kept = (7, _WORDS)
    assert glossary.explained("<p>AVG</p>", 7) == glossary.explained("<p>AVG</p>", 7) == explain("<p>AVG</p>", _WORDS)
    assert asked == ["<p>AVG</p>"]
    glossary._kept = (8, {})
    assert glossary.explained("<p>AVG</p>", 8) == "<p>AVG</p>"


def test_explaining_takes_time_that_grows_with_the_text_only() -> None:
    for piece in ("AVG ", "A", "a-", "a.", "<p>AVG</p>", "&amp;", '<a href="/x">AVG</a>', "<p>" + "AVG-" * 50 + "</p>"):
        start = thread_time()
        explain(piece * (1_000_000 // len(piece)), _WORDS)
        assert thread_time() - start < 3, piece


@pytest.mark.parametrize(
    ("source", "is_card"),
    [
        ("https://youtu.be/x", True),
        ("[Film](https://YouTu.be/x 'titel')", True),
        ("Zie https://youtu.be/x", False),
        ("https://youtu.be.evil.example/x", False),
        ("https://youtu.be@evil.example/x", False),
        ("https://evil.example/youtu.be", False),
        ("[**Film**](https://youtu.be/x)", False),
        ("https://[youtu.be/x", False),
    ],
)
def test_link_alone_to_a_known_host_is_a_card(source: str, is_card: bool) -> None:
    html = render(source, links=LinkContext()).html
    shown = mark_media(html, "nl", {"youtu.be"})
    assert ('class="media"' in shown) is is_card
    assert is_card or shown == html
    assert mark_media(html, "nl", ()) == html
