"""What the pages with the table of permissions share: the site's, in administration, and that of a space."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field
from pyramid.request import Request
from sqlalchemy import select

from plein.contributions import SITE_ROLES, SPACE_ROLES
from plein.people.models import User
from plein.people.offices import SITE_ROLE_NAMES
from plein.security.matrix import Change, Key, Matrix, MatrixError, Row, Value
from plein.spaces.words import ROLE_NAMES
from plein.web.forms import Form, parse
from plein.web.i18n import _, ngettext

#: Of both scopes.
NAMES = {**SITE_ROLE_NAMES, **ROLE_NAMES, "visitor": _("Visitor")}
ROLES = {"site": SITE_ROLES, "space": SPACE_ROLES}

#: What permissions are about whose first word is no plugin's.
_SUBJECTS = {
    "space": _("Spaces"),
    "people": _("People"),
    "audit": _("Administration"),
    "permission": _("Administration"),
    "access": _("Administration"),
}

#: Resets everything.
ALL = "*"


class MatrixForm(Form):
    """The table as it was sent.

    ``was``: the cells that were allowed when the page was made; ``cell``: those that are ticked; ``reset``: a cell, a
    permission or :data:`ALL`; ``undo``: a change of the history.
    """

    was: str = Field("", max_length=200_000)
    cell: list[str] = Field(default_factory=list, max_length=1_000)
    reset: str = ""
    undo: str = Field("", max_length=40)


def send(request: Request, matrix: Matrix, address: str) -> None:
    """Do what the form says, and tell what was done. *address* is where undoing posts to."""
    form, _errors = parse(MatrixForm, request.POST)
    if form is None:
        request.notice(_("This could not be read. Nothing was changed."), "error")
        return
    try:
        changes = matrix.put_back(form.undo) if form.undo else matrix.change(_wanted(matrix, form))
    except MatrixError:
        request.notice(_("This change is no longer in the history. Nothing was changed."), "error")
        return
    if not changes:
        request.notice(_("Nothing was changed."), "info")
        return
    message = ngettext(
        request, "${n} cell changed. It holds from now on.", "${n} cells changed. They hold from now on.", len(changes)
    )
    request.notice(message, undo={"url": address, "values": {"undo": matrix.latest}})
    others = set() if form.undo else matrix.allowed() ^ set(form.was.split())
    if others - {f"{one.permission}:{one.role}" for one in changes}:
        request.notice(_("Somebody else changed permissions at the same time. Both changes are kept."), "info")


def _wanted(matrix: Matrix, form: MatrixForm) -> dict[Key, Value]:
    wanted = matrix.to_save(form.was.split(), form.cell)
    if form.reset:
        permission, _colon, role = ("" if form.reset == ALL else form.reset).partition(":")
        wanted |= matrix.to_reset(permission, role)
    return wanted


def page(request: Request, matrix: Matrix, scopes: Sequence[str]) -> dict[str, Any]:
    """What the template is given: sections with roles and groups of rows, what the form remembers, the history."""
    return {
        "sections": [
            {
                "scope": scope,
                "roles": [NAMES[role] for role in ROLES[scope]],
                "groups": _groups(request, matrix.rows(scope)),
            }
            for scope in scopes
        ],
        "names": NAMES,
        "was": " ".join(sorted(matrix.allowed())),
        "changed": len(matrix.changed),
        "history": _history(request, matrix),
    }


def _groups(request: Request, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows under what they are about: a kind of content, a feature or a plugin."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        title = _subject(request, row.permission.name)
        groups.setdefault(request.localizer.translate(title), {"title": title, "rows": []})["rows"].append(row)
    return list(groups.values())


def _subject(request: Request, name: str) -> Any:
    kind = request.plugins.content_types.get(name.rpartition(".")[0])
    first = name.partition(".")[0]
    return kind.plural if kind is not None else _SUBJECTS.get(first, first.capitalize())


def title_of(request: Request, permission: str) -> str:
    """*permission* in words, with what it is about; its name where nobody declares it any more."""
    declared = request.plugins.permissions.get(permission)
    if declared is None:
        return permission
    translate = request.localizer.translate
    return f"{translate(_subject(request, permission))}: {translate(declared.title)}"


def _history(request: Request, matrix: Matrix) -> list[dict[str, Any]]:
    past = matrix.history()
    ids = {one.actor_id for one in past if one.actor_id is not None}
    people = request.db.execute(select(User.id, User.login, User.name).where(User.id.in_(ids))) if ids else ()
    known = {person.id: person for person in people}
    return [
        {
            "at": one.at,
            "actor": known.get(one.actor_id),
            "change": one.change,
            "cells": [cell_words(request, cell) for cell in one.cells],
        }
        for one in past
    ]


def cell_words(request: Request, cell: Change) -> dict[str, Any]:
    """A cell that was changed, in words: permission, role and what it became."""
    what = {True: _("allowed"), False: _("not allowed"), None: _("as standard")}
    return {
        "permission": title_of(request, cell.permission),
        "role": NAMES.get(cell.role, cell.role),
        "after": what[cell.after],
    }
