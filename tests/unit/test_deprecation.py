"""Deprecations: the old way works on, and says at the caller's line what to write instead."""

import pytest

from plein.deprecation import PleinDeprecationWarning, deprecated


@deprecated("use total", since="1.2")
def add(one: int, other: int = 1) -> int:
    """The sum."""
    return one + other


def test_deprecated_function_works_and_warns_where_it_was_called():
    with pytest.warns(PleinDeprecationWarning) as caught:
        assert add(1, other=2) == 3
    assert str(caught[0].message) == "add is deprecated since Plein 1.2; use total"
    assert caught[0].filename == __file__


def test_deprecated_function_keeps_its_name_and_documentation():
    assert (add.__name__, add.__doc__) == ("add", "The sum.")
