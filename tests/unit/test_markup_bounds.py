"""Texts meant to take all time or memory: each is shown or refused with a sentence, in bounded time."""

import pytest
from bounded import bounded
from hypothesis import given, settings
from hypothesis import strategies as st

from plein.web.markup import LinkContext, MarkupError, MarkupLimits, MarkupTooDeep, MarkupTooLarge, render

_LINKS = LinkContext("demo")

_PIECES = st.sampled_from(
    [
        *"[]()!*_`~<>|#:\\\"'&^-+=\n\t aé",
        *("\n\n", "[[", "]]", "](", "[^1]", "[^1]: ", "[x]: ", "> ", "- ", "- [ ] ", "    ", "1. ", "```", ": ", "&#"),
        *("| a | b |\n|---|---|\n", "> [!NOTE] ", "file:a.png", "http://", "<br>"),
    ]
)


def test_too_large_text_is_refused_with_both_sizes() -> None:
    with pytest.raises(MarkupTooLarge, match="This text is 3 KB. At most 2 KB"):
        render("é" * 1025, links=_LINKS, limits=MarkupLimits(max_kb=2))
    assert render("é" * 1024, links=_LINKS, limits=MarkupLimits(max_kb=2)).text == "é" * 1024


@pytest.mark.parametrize(
    "source",
    [
        ">" * 2000 + " a",
        "> " * 2000 + "a",
        "- " * 2000 + "a",
        "\n".join("  " * level + "- a" for level in range(2000))[:200_000],
        "1. " * 2000 + "a",
        "> - " * 1000 + "a",
        "> [!NOTE]\n" + "".join("> " * level + "[!TIP]\n" for level in range(2, 300)),
        "a\n" + "".join("  " * level + ": b\n" + "  " * (level + 1) + "c\n" for level in range(100)),
        "[" * 2000,
        "![" * 2000,
        "[" * 2000 + "a" + "](b)" * 2000,
        "*" * 2000 + "a" + "*" * 2000,
        "**a _b " * 300 + "_ **" * 300,
        "[^a]: " * 2000 + "x",
    ],
)
def test_deep_nesting_is_refused_or_harmless(source: str) -> None:
    with bounded(80):
        try:
            render(source, links=_LINKS)
        except MarkupTooDeep as error:
            assert str(error).endswith(".")


@pytest.mark.parametrize("mark", ["> ", "- ", "["])
def test_depth_up_to_the_limit_is_shown_and_beyond_is_refused(mark: str) -> None:
    limit = MarkupLimits().max_depth
    assert render(mark * (limit - 1) + "a", links=_LINKS).text.strip("[") == "a"
    with pytest.raises(MarkupTooDeep, match="deeper than 40 levels"):
        render(mark * (limit + 2) + "a", links=_LINKS)


_LIMIT = 256 * 1024
_REPEATED = [
    "[", "![", "[[", "[]", "[a](", "[a](b", "[a](<b", '[a](b "', "[a](b (", "[a]: b\n", "[a\n", "[a]:\n",
    "*", "**", "a**b", "***a", "*a_ ", "~~a", "`", "`a", "``a`", "<", "<a:", "&#1;", "\\", "|", "|\n", "-|-\n",
    "> ", ">", "> a\n", ">\n\n", "- a\n", "a\n=\n", "---\n", "```\n", "```", "    a\n", "a\n", "a\n\n",
    "[^1]", "[^1]: a\n", "a\n: b\n\n", ": ", "[[a]]", "http://a.b ", "http://a", "://",
    "<br>", "\t", "é", "a  \n", "](", "))", "[*", "- > ", "[`",
    "@a ", "@", "{{a:b}}\n\n", "{{", "{{a:", "- [ ] a\n", "[[a/b:c]]", "```python\n(\n```\n", "```c\n\n\n\n```\n",
]  # fmt: skip
_LARGE = {
    "lazy lines in deep quotes": "> " * 39 + "a\n" + "a\n" * 120_000,
    "lines in deep quotes": ("> " * 39 + "a\n") * 3200,
    "lines in deep lists": ("- " * 39 + "a\n") * 3200,
    "items of a deep list": "- " * 38 + "a\n" + (" " * 76 + "- a\n") * 3200,
    "huge definition, many references": "[x]: /a" + "u" * 100_000 + "\n\n" + "[x] " * 35_000,
    "huge title, many references": "[x]: /a '" + "u" * 100_000 + "'\n\n" + "[x] " * 35_000,
    "huge footnote, many references": "[^1]: " + "tekst " * 20_000 + "\n\n" + "[^1] " * 25_000,
    "many footnotes": "".join(f"[^{n}]: a\n\n" for n in range(8000)) + "".join(f"[^{n}]" for n in range(8000)),
    "equal headings": "# a\n\n" * 50_000,
    "headings that steal numbers": "".join(f"# a\n\n# a {n}\n\n" for n in range(2, 12_000)),
    "wide table, short rows": "a|" * 1000 + "\n" + "-|" * 1000 + "\n" + "a\n" * 120_000,
    "very wide table": "|a" * 60_000 + "\n" + "|-" * 60_000 + "\n",
    "runs of backticks": "".join("`" * n + " " for n in range(1, 700)),
    "brackets, then text": ("[" * 30 + "a " * 60 + "\n\n") * 1000,
    "pictures in pictures": ("![" * 30 + "a " * 100 + "](b)" * 30 + " ") * 600,
    "address with brackets": "http://a" + "(" * 120_000 + ")" * 120_000,
    "one long word": "a" * 260_000,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [*(piece * (_LIMIT // len(piece.encode())) for piece in _REPEATED), *_LARGE.values()],
    ids=[*(repr(piece) for piece in _REPEATED), *_LARGE],
)
def test_largest_text_takes_bounded_time_whatever_it_repeats(source: str) -> None:
    # What grows with the text takes 40 at most; what grows with its square would take thousands.
    with bounded(160):
        try:
            html = render(source, links=_LINKS).html
        except MarkupError as error:
            assert str(error).endswith(".")
        else:
            assert len(html) <= 5 * 1024 * 1024


@settings(max_examples=40, deadline=None)
@given(st.lists(_PIECES, min_size=1, max_size=5).map("".join), st.integers(100, 3000))
def test_any_repeated_mixture_takes_bounded_time(piece: str, times: int) -> None:
    source = (piece * times)[:60_000]
    with bounded(80):
        try:
            render(source, links=_LINKS)
        except MarkupError as error:
            assert str(error).endswith(".")


def test_ordinary_page_renders_quickly() -> None:
    section = (
        "## Een kop\n\nGewone tekst met een **vet** woord, een [link](https://example.org/pad), een [[Pagina]] en nog "
        "een zin die wat langer is dan de vorige.\n\n- een punt\n- nog een *punt*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
        "\nTot slot.\n\n"
    )
    source = section * 55
    assert 11_000 < len(source) < 14_000
    render(source, links=_LINKS)
    # 15 ms is the aim; what this refuses is a renderer whose work grows with the square of the text.
    with bounded(20):
        render(source, links=_LINKS)
