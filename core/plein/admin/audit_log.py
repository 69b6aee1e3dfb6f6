"""The page of the audit log: what was done, by whom, to what; narrowed by a link, and exported as a file.

Titles of what the reader may not see are never shown: such a thing is a kind and a number.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import Engine, select

from plein.admin.permissions import AUDIT
from plein.audit import record
from plein.audit.acts import ACTS
from plein.audit.chain import entries
from plein.audit.export import FORMATS
from plein.audit.models import AuditEntry, AuditHead
from plein.audit.reading import Filters, latest
from plein.content.models import Content
from plein.db import open_session, utcnow
from plein.people.finding import NoSuchPerson, find_person
from plein.people.models import Group, User
from plein.people.services import PeopleService
from plein.security.matrix import Change
from plein.spaces.matrix_page import NAMES, cell_words
from plein.spaces.models import Space
from plein.spaces.words import ACCESS_NAMES
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _, time_zone

PAGE = "plein:templates/admin/audit.pt"

KINDS = {
    "user": _("Person"),
    "space": _("Space"),
    "content": _("Page"),
    "group": _("Group"),
    "permission": _("Permissions"),
    "setting": _("Setting"),
    "plugin": _("Plugin"),
    "session": _("Session"),
    "field": _("Field"),
    "job": _("Job"),
    "audit": _("Audit log"),
}
#: What else entries say most often; other words stand as they are.
DETAILS = {
    "access": _("Who can see it"),
    "after": _("after"),
    "before": _("before"),
    "entries": _("entries"),
    "fields": _("what"),
    "group": _("group"),
    "kind": _("kind"),
    "method": _("by"),
    "office": _("role"),
    "admin": _("administrator"),
    "reason": _("reason"),
    "role": _("role"),
    "strong": _("with a second step"),
    "user": _("person"),
}
RESULT_NAMES = {"done": _("Done"), "refused": _("Refused"), "failed": _("Failed")}


class AuditForm(Form):
    """What is looked for; the period is whole days in the site's time zone."""

    action: str = Field("", max_length=100)
    kind: str = Field("", max_length=40)
    object: str = Field("", max_length=100)
    who: str = Field("", max_length=200)
    since: date | None = None
    until: date | None = None
    result: Literal["", "done", "refused", "failed"] = ""


@view_config(route_name="admin.audit", request_method="GET", permission=AUDIT, renderer=PAGE)
def log(request: Request) -> dict[str, Any]:
    """The newest entries that fit."""
    filters, errors = _filters(request, request.GET)
    before = request.GET.get("before", "")
    rows: Sequence[AuditEntry] = []
    more = None
    if filters is not None:
        rows, more = latest(
            request.db, filters, before=int(before) if before.isdecimal() and len(before) < 19 else None
        )
    values = typed(request.GET)
    query = {name: values[name] for name in AuditForm.model_fields if values.get(name)}
    words = request.registry[ACTS]
    return {
        "rows": [(row, words.get(row.action, row.action)) for row in rows],
        "things": _Things(request, rows),
        "acts": sorted(((name, request.localizer.translate(title)) for name, title in words.items()), key=_by_title),
        "kinds": KINDS,
        "results": RESULT_NAMES,
        "values": values,
        "query": query,
        "errors": errors,
        "first": request.route_path("admin.audit", _query=query) if before else None,
        "next": request.route_path("admin.audit", _query={**query, "before": more}) if more else None,
        "days": request.plein["plein.audit_days"],
    }


@view_config(route_name="admin.audit.export", request_method="POST", permission=AUDIT)
def export(request: Request) -> Any:
    """The entries that fit, as a file that is made while it is sent. That it was done is an entry too."""
    filters, errors = _filters(request, request.POST)
    kind = request.POST.get("format", "")
    if filters is None or kind not in FORMATS:
        request.notice(next(iter(errors.values()), _("Choose one of the options.")), "error")
        return HTTPSeeOther(request.route_path("admin.audit"))
    lines, media_type = FORMATS[kind]
    last = request.db.scalar(select(AuditHead.number)) or 0
    given = {name: request.POST.get(name, "")[:200] for name in AuditForm.model_fields}
    asked: dict[str, Any] = {f"only_{name}": value for name, value in given.items() if value}
    record(request.db, "audit.exported", "audit", last, format=kind, **asked)
    response = Response(app_iter=_sent(request.registry["plein.engine"], lines, filters, last), content_type=media_type)
    response.charset = "utf-8"
    response.content_disposition = f"attachment; filename=audit-{utcnow():%Y-%m-%d}.{kind}"
    return response


def _sent(engine: Engine, lines: Any, filters: Filters, last: int) -> Iterator[bytes]:
    # A session of its own: that of the request is closed when this is read.
    with open_session(engine) as db:
        for line in lines(entries(db, *filters.conditions(), until=last)):
            yield line.encode()


def _by_title(one: tuple[str, str]) -> str:
    return one[1].casefold()


def _filters(request: Request, data: Mapping[str, str]) -> tuple[Filters | None, Errors]:
    form, errors = parse(AuditForm, data)
    if form is None:
        return None, errors
    person = None
    if form.who:
        try:
            person = _person(request, form.who)
        except NoSuchPerson as error:
            return None, {"who": error.sentence}
    zone = time_zone(request)

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), zone).astimezone(UTC)

    return (
        Filters(
            action=form.action,
            object_type=form.kind,
            object_id=form.object,
            person=person,
            since=midnight(form.since) if form.since and form.since.year > 1970 else None,
            until=midnight(form.until + timedelta(days=1)) if form.until and form.until.year < 9000 else None,
            result=form.result,
        ),
        {},
    )


def _person(request: Request, who: str) -> int:
    """Also somebody whose account works no more."""
    user = PeopleService(request.db).find(who)
    return int(user.id if user is not None else find_person(request.db, request.viewer, who).id)


class _Things:
    """What the entries are about and who did it, with names and addresses as far as the reader may know them.

    One statement for each kind of thing, however many entries there are.
    """

    def __init__(self, request: Request, rows: Any) -> None:
        self._request = request
        people = {row.actor_id for row in rows} | self._numbers(rows, "user")
        people |= {row.details.get("user") for row in rows if isinstance(row.details.get("user"), int)}
        spaces = self._numbers(rows, "space")
        spaces |= {int(row.object_id) for row in rows if row.object_type == "permission" and row.object_id.isdecimal()}
        self._known: dict[str, dict[int, Any]] = {
            # Names of colleagues are no secret to who keeps the log.
            "user": self._find(select(User.id, User.login, User.name), User.id, people - {None}),
            # These go through the guard.
            "space": self._find(select(Space.id, Space.slug, Space.name), Space.id, spaces),
            "content": self._find(
                select(Content.id, Content.title, Content.type, Content.slug, Space.slug.label("space")).join(
                    Space, Space.id == Content.space_id
                ),
                Content.id,
                self._numbers(rows, "content"),
            ),
            "group": self._find(select(Group.id, Group.slug, Group.name), Group.id, self._numbers(rows, "group")),
        }

    @staticmethod
    def _numbers(rows: Any, kind: str) -> set[Any]:
        return {
            int(row.object_id)
            for row in rows
            if row.object_type == kind and row.object_id.isdecimal() and len(row.object_id) < 19
        }

    def _find(self, query: Any, key: Any, ids: set[Any]) -> dict[int, Any]:
        return {row.id: row for row in self._request.db.execute(query.where(key.in_(ids)))} if ids else {}

    def actor(self, row: AuditEntry) -> Any:
        """Who did it: id, login, name; ``None`` for the system or somebody unknown."""
        return self._known["user"].get(row.actor_id or 0)

    def about(self, row: AuditEntry) -> tuple[str, str, str]:
        """Kind, name or number, and address (empty where there is none to go to) of what it was done to."""
        translate = self._request.localizer.translate
        kind, number = row.object_type, row.object_id
        if kind == "permission":
            kind, number = ("space", number) if number.isdecimal() else ("", translate(_("The whole site")))
        title = translate(KINDS.get(kind, kind)) if kind else ""
        found = self._known.get(kind, {}).get(int(number)) if number.isdecimal() and len(number) < 19 else None
        if found is None:
            return title, number, ""
        return title, found.title if kind == "content" else found.name, self._address(kind, found)

    def _address(self, kind: str, found: Any) -> str:
        path = self._request.route_path
        if kind == "user":
            return str(path("people.show", login=found.login))
        if kind == "space":
            return str(path("space.home", space=found.slug))
        if kind == "group":
            return str(path("groups.show", group=found.slug))
        known = found.type in self._request.installed.content_types
        return str(path(f"{found.type}.show", space=found.space, slug=found.slug)) if known else ""

    def details(self, row: AuditEntry) -> list[tuple[str, str]]:
        """What else there is to know, as names and values; the person whom it is about by name."""
        translate = self._request.localizer.translate
        found = []
        for name, value in sorted(row.details.items()):
            if name in ("cells", "change"):
                continue
            person = self._known["user"].get(value) if name == "user" and isinstance(value, int) else None
            title = translate(DETAILS[name]) if name in DETAILS else name.replace("_", " ")
            found.append((title, person.name if person is not None else self._shown(name, value)))
        cells = [cell_words(self._request, Change(*cell)) for cell in row.details.get("cells", ())]
        return found + [
            (f"{cell['permission']}, {translate(cell['role'])}", translate(cell["after"])) for cell in cells
        ]

    def _shown(self, name: str, value: Any) -> str:
        translate = self._request.localizer.translate
        if isinstance(value, list):
            return ", ".join(self._shown(name, one) for one in value)
        if isinstance(value, bool):
            return str(translate(_("yes") if value else _("no")))
        words: Any = ACCESS_NAMES if name == "access" else NAMES
        return "–" if value is None else str(translate(words.get(str(value), str(value))))


def includeme(config: Configurator) -> None:
    config.add_route("admin.audit", "/admin/audit")
    config.add_route("admin.audit.export", "/admin/audit/export")
    config.add_admin_page("admin.audit", title=_("Audit log"), icon="history", permission=AUDIT, weight=65)
    config.scan("plein.admin.audit_log")
