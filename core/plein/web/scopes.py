"""Makes Chameleon copy its scope of names quickly: it does so for every macro, and a page uses dozens.

``Scope.copy`` asks itself for every name through a method in Python; copying its items does the same, ten times as fast. It
was the largest part of what rendering a page cost.
"""

from chameleon.utils import Scope
from pyramid.config import Configurator


def copy_scope(scope: Scope) -> Scope:
    """The same as ``Scope.copy`` of Chameleon 4: all names of *scope* itself, and its root for the global ones."""
    # By its items: given the scope itself, `dict` would go through the scope's own methods again.
    copied = Scope(dict.items(scope))
    copied._root = getattr(scope, "_root", scope)
    return copied


def includeme(config: Configurator) -> None:
    Scope.copy = copy_scope
