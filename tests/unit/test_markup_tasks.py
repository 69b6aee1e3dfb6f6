"""Ticking a task changes its box and nothing else."""

import pytest

from plein.web.markup import LinkContext, MarkupLimits, render
from plein.web.markup_tasks import tick

_TEXT = """- [ ] een
  - [x] twee
- geen
1. [ ] drie[^1]

> - [ ] vier
>   [ ] geen

- - [ ] vijf

[^1]: - [ ] zes

* [X] zeven
+ [ ]
"""


def _boxes(source: str) -> list[bool]:
    html = render(source, links=LinkContext()).html
    return ["checked" in part.partition(">")[0] for part in html.split("<input")[1:]]


def test_each_box_is_the_one_on_the_page() -> None:
    before = _boxes(_TEXT)
    assert len(before) >= 6
    for number, done in enumerate(before):
        ticked = tick(_TEXT, number, not done, MarkupLimits())
        assert ticked is not None
        expected = [*before]
        expected[number] = not done
        assert _boxes(ticked) == expected
        assert sum(a != b for a, b in zip(_TEXT, ticked, strict=True)) == 1


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_line_ends_stay(end: str) -> None:
    text = end.join(["a", "", "- [ ] b", ""])
    assert tick(text, 0, True, MarkupLimits()) == text.replace("[ ]", "[x]")


@pytest.mark.parametrize("number", [-1, 1, 99])
def test_task_that_is_not_there(number: int) -> None:
    assert tick("- [ ] een", number, True, MarkupLimits()) is None
    assert tick("geen", 0, True, MarkupLimits()) is None
