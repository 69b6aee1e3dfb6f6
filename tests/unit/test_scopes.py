"""The quick ways into Chameleon's scope of names find what its own slow ones find."""

import pytest
from chameleon.utils import Scope

from plein.web.scopes import copy_scope, get, get_item, get_name


@pytest.fixture
def scope() -> Scope:
    """A copy, as a macro has it, with a name of its own and one that was given to all later."""
    page = Scope({"title": "Plan", "nothing": None})
    own = copy_scope(page)
    dict.__setitem__(own, "inner", 1)
    own.set_global("late", 2)
    return own


def test_names_of_the_scope_itself_and_those_of_all_are_found(scope):
    for name, value in {"title": "Plan", "nothing": None, "inner": 1, "late": 2}.items():
        assert get(scope, name, "not there") is value
        assert get_item(scope, name) is value
        assert get_name(scope, name) is value


def test_name_that_is_not_there_is_refused_as_chameleon_does(scope):
    assert get(scope, "absent") is None
    assert get(scope, "absent", "so") == "so"
    with pytest.raises(KeyError, match="absent"):
        get_item(scope, "absent")
    with pytest.raises(NameError, match="absent"):
        get_name(scope, "absent")


def test_own_name_of_a_copy_is_not_in_what_it_was_made_from():
    page = Scope({"title": "Plan"})
    own = copy_scope(page)
    dict.__setitem__(own, "title", "Other")
    assert get(page, "title") == "Plan"
    assert get(own, "title") == "Other"
