"""What the form tells while somebody writes: its text, and that they are there; and one's unsaved texts."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy.exc import OperationalError

from plein.content.contexts import ContentContext, TypeContext
from plein.content.writing import keeping, presence
from plein.content.writing.keeping import Place
from plein.web.i18n import _
from plein.web.markup import MarkupTooLarge

_NOTHING = 204


def keep(context: TypeContext, request: Request) -> Response:
    """Store what stands in the form. Answers with the revision; 409 where another form stored since.

    413 for a text that is too long, 503 while the database is busy: the form tries again.
    """
    item = getattr(context, "item", None)
    place = Place(
        request.viewer.user_id,
        context.space.id,
        context.type.name,
        keeping.draft_of(item, request.POST.get("draft", "")),
        item.id if item is not None else None,
    )
    form, known = _form_and_known(request)
    try:
        values = keeping.form_fields(request.POST, request.plein["plein.max_markdown_kb"])
        revision = keeping.keep(request.registry["plein.engine"], place, form=form, known=known, values=values)
    except MarkupTooLarge:
        return Response(json={}, status=413)
    except OperationalError:
        return Response(json={}, status=503)
    if revision is None:
        found = keeping.waiting(request.db, request.viewer.user_id, place.draft)
        return Response(json={"revision": found.revision if found is not None else 0}, status=409)
    return Response(json={"revision": revision})


def _form_and_known(request: Request) -> tuple[str, int]:
    known = request.POST.get("known", "")
    number = int(known) if known.isascii() and known.isdigit() and len(known) < 10 else 0
    return request.POST.get("form", "")[:64], number


def forget_kept(request: Request, item: Any = None) -> None:
    """The text of the form was saved: what was kept of it goes."""
    form, known = _form_and_known(request)
    draft = keeping.draft_of(item, request.POST.get("draft", ""))
    keeping.forget(request.db, request.viewer.user_id, draft, form=form, known=known)


def editors(context: ContentContext, request: Request) -> Response:
    """Who is changing the item, as a piece of HTML; nothing where it is nobody else."""
    if not request.plein["plein.presence"]:
        return Response(status=_NOTHING)
    people = presence.others(request.db, context.item, request.viewer.user_id)
    if not people:
        return Response(status=_NOTHING)
    return render_to_response("plein:templates/content/writing/editors.pt", {"people": people}, request)


def be_there(context: ContentContext, request: Request) -> Response:
    """Note that the viewer has the form open, or with ``left`` closed it; answers as :func:`editors`."""
    engine, user_id = request.registry["plein.engine"], request.viewer.user_id
    if not request.plein["plein.presence"]:
        return Response(status=_NOTHING)
    if "left" in request.POST:
        presence.left(engine, context.item.id, user_id)
        return Response(status=_NOTHING)
    presence.is_here(engine, context.item.id, user_id)
    return editors(context, request)


def unsaved(request: Request) -> dict[str, Any]:
    """One's texts that are not saved."""
    rows = []
    for row in keeping.all_of(request.db, request.viewer.user_id):
        content_type = request.plugins.content_types.get(row.type)
        url, page = "", "edit" if row.slug else "new"
        if content_type is not None and row.space and (row.slug or not row.draft.startswith("item ")):
            parts = {"space": row.space} | ({"slug": row.slug} if row.slug else {})
            url = request.route_path(f"{row.type}.{page}", _query={"resume": row.draft}, **parts)
        rows.append((row, content_type, url))
    return {"rows": rows}


def unsaved_text(request: Request) -> dict[str, Any]:
    """One of these texts, to read and to copy; whatever became of its page."""
    found = keeping.waiting(request.db, request.viewer.user_id, request.matchdict["draft"].replace("+", " "))
    if found is None:
        request.response.status_int = 404
    return {"row": found}


def change_unsaved(request: Request) -> HTTPSeeOther:
    """Throw a text away, or take it back."""
    draft, back = request.POST.get("draft", "")[:100].replace("\0", ""), "back" in request.POST
    if keeping.throw_away(request.db, request.viewer.user_id, draft, back=back):
        if back:
            request.notice(_("The text is back."))
        else:
            undo = {"url": request.path, "values": {"draft": draft, "back": "1"}}
            request.notice(_("The unsaved text is thrown away."), undo=undo)
    return HTTPSeeOther(request.route_path("me.unsaved"))
