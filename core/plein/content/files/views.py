"""The files of an item: the list, adding, and what can be done with one of them."""

from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from plein.content.contexts import ContentContext
from plein.content.files import reading, room
from plein.content.files.receiving import FileRefused, Received, make_receiver
from plein.content.files.refusals import NEEDS_APPROVAL, refusal
from plein.content.files.services import AttachmentService, FilesNeedApproval, NameTaken
from plein.content.models import Attachment
from plein.content.views.show import item_values
from plein.security.limits import limit
from plein.web.i18n import _
from plein.web.request import write_now


def service_of(request: Request) -> AttachmentService:
    return AttachmentService(request.db, request.viewer)


def _values(context: ContentContext, request: Request) -> dict[str, Any]:
    values = item_values(context, request)
    fixed = values["rights"]["edit"] and service_of(request).is_fixed(context.item)
    rights = values["rights"] | {"edit": values["rights"]["edit"] and not fixed}
    return values | {"rights": rights, "fixed": NEEDS_APPROVAL if fixed else None}


def files(context: ContentContext, request: Request) -> dict[str, Any]:
    """The files of the item, and a form to add some."""
    return {
        **_values(context, request),
        "files": reading.listed(context, request),
        "removed": reading.removed(request.db, context.item),
        "most": request.plein["plein.max_upload_mb"],
    }


def file(context: ContentContext, request: Request) -> dict[str, Any]:
    """One file: what it is, what it was, where it is used, and what can be done with it."""
    return _page(context, request, request.matchdict["uid"], {})


def _page(context: ContentContext, request: Request, uid: str, errors: dict[str, Any]) -> dict[str, Any]:
    found = next((row for row in reading.listed(context, request) if row["uid"] == uid), None)
    if found is None:
        raise HTTPNotFound()
    return {
        **_values(context, request),
        "file": found,
        "versions": reading.versions(request.db, context.item, uid),
        "used": reading.used_in(request.db, context.item, uid),
        "errors": errors,
        "typed": request.POST if errors else {"name": found["name"], "alt": found["alt"] or ""},
    }


# -- adding --------------------------------------------------------------------------------------------------------


def attach(context: ContentContext, request: Request) -> Any:
    """Take in the files that were sent, each refused one with a reason. One may replace the file ``uid``."""
    if service_of(request).is_fixed(context.item):
        # Before anything is looked at and stored.
        if wants_json(request):
            refused = [request.localizer.translate(NEEDS_APPROVAL)]
            return Response(json_body={"files": [], "refused": refused}, status=422)
        raise FilesNeedApproval(context.item.uid)
    taken, refused = receive(request, context.space.id)
    context = again(context, request)
    service = service_of(request)
    uid = _text(request, "uid")
    attachments = [service.add(context.item, one, uid=uid) for one in taken]
    if attachments:
        context.service.rerender(context.item)
    return _answer(context, request, attachments, refused)


def receive(request: Request, space_id: int) -> tuple[list[Received], list[FileRefused]]:
    """The files of the request, looked at and stored. Slow: no transaction may be open that writes.

    :raises HTTPTooManyRequests: for more than somebody may send in an hour.
    """
    receiver = make_receiver(request.plein, request.registry["plein.blobs"])
    taken: list[Received] = []
    refused: list[FileRefused] = []
    for field in request.POST.getall("file"):
        if not getattr(field, "filename", ""):
            continue
        limit(request, "upload")
        try:
            room.require(request.registry["plein.engine"], request.plein, space_id, field.filename, field.file, taken)
            taken.append(receiver.receive(field.filename, field.file))
        except FileRefused as error:
            refused.append(error)
        finally:
            field.file.close()
    return taken, refused


def again(context: ContentContext, request: Request) -> ContentContext:
    """*context* read anew, to write: the item may be gone by now, and so may the right to change it."""
    write_now(request)
    request.context = fresh = type(context)(request, context.type)
    if not request.has_permission(f"{context.type.name}.edit", fresh):
        raise HTTPForbidden()
    return fresh


def _answer(
    context: ContentContext, request: Request, attachments: list[Attachment], refused: list[FileRefused]
) -> Response:
    """To a program what became of each file, to a person the page with files."""
    sentences = [request.localizer.translate(refusal(one, request.plein)) for one in refused]
    sentences += [
        request.localizer.translate(quarantined(one.name)) for one in attachments if one.scan_state == "infected"
    ]
    if wants_json(request):
        taken = [written(request, one) for one in attachments if one.scan_state != "infected"]
        full = any(one.reason.startswith("no-room") for one in refused)
        return Response(
            json_body={"files": taken, "refused": sentences},
            status=200 if taken or not sentences else 507 if full else 422,
        )
    for sentence in sentences:
        request.notice(sentence, kind="error")
    good = [one for one in attachments if one.scan_state != "infected"]
    if good:
        request.notice(_("The file is added. Put it in the text with the line below its name."))
    elif not sentences:
        request.notice(_("Choose a file first."), kind="error")
    undescribed = any(one.width is not None and one.alt is None for one in good)
    return HTTPSeeOther(context.url("files") + ("#describe" if undescribed else ""))


def quarantined(name: str) -> Any:
    return _(
        "“${name}” contains a virus. Nobody can open it; an administrator looks at it. Check your computer.",
        mapping={"name": name},
    )


def wants_json(request: Request) -> bool:
    """Whether a script asks, that wants to know what became of each file."""
    return bool(request.headers.get("X-Requested-With") == "plein")


def written(request: Request, attachment: Any) -> dict[str, Any]:
    """A file as the editor puts it in the text."""
    picture = attachment.width is not None
    text = "" if picture else attachment.name.rpartition(".")[0] or attachment.name
    label = text.replace("[", "\\[").replace("]", "\\]")
    return {
        "uid": attachment.uid,
        "name": attachment.name,
        "picture": picture,
        "alt": attachment.alt,
        "markdown": f"{'!' if picture else ''}[{label}](file:{quote(attachment.name)})",
    }


# -- changing ------------------------------------------------------------------------------------------------------


def describe(context: ContentContext, request: Request) -> Any:
    """Another name, and what a picture shows."""
    service, uid = service_of(request), _text(request, "uid")
    if "alt" in request.POST or "decorative" in request.POST:
        alt = "" if request.POST.get("decorative") else _text(request, "alt").strip() or None
        if service.describe(context.item, uid, alt) is None:
            raise HTTPNotFound()
    text = context.item.body
    if _text(request, "name").strip():
        try:
            renamed = service.rename(context.item, uid, _text(request, "name"))
        except NameTaken:
            request.response.status_int = 422
            return _page(context, request, uid, {"name": _("Another file of this page has that name.")})
        if renamed is None:
            raise HTTPNotFound()
        text = renamed[1]
    _store(context, text)
    if wants_json(request):
        return Response(json_body={})
    request.notice(_("Saved."))
    back = context.url("files") if request.POST.get("back") == "list" else context.url("file", uid=uid)
    return HTTPSeeOther(back)


def _store(context: ContentContext, text: str) -> None:
    """Keep *text*, in which links follow a file, as a small change; or render what is there anew."""
    item = context.item
    if text == item.body:
        context.service.rerender(item)
        return
    context.service.save(
        item, base_version=item.version, title=item.title, body=text, tags=item.tags, minor=True, kind="edit"
    )


def detach(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Take a file from the item; the notice that follows can undo it."""
    kept = service_of(request).remove(context.item, _text(request, "uid"))
    if kept is None:
        raise HTTPNotFound()
    context.service.rerender(context.item)
    request.notice(
        _("“${name}” is removed.", mapping={"name": kept.name}),
        undo={"url": context.url("file_restore"), "values": {"uid": kept.uid, "version": str(kept.version)}},
    )
    return HTTPSeeOther(context.url("files"))


def restore(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Bring back an earlier version of a file, or one that was removed."""
    number = _text(request, "version")
    version = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    found = service_of(request).restore(context.item, _text(request, "uid"), version)
    if found is None:
        raise HTTPNotFound()
    context.service.rerender(context.item)
    request.notice(_("“${name}” is as it was.", mapping={"name": found.name}))
    return HTTPSeeOther(context.url("files"))


def _text(request: Request, name: str) -> str:
    value = request.POST.get(name, "")
    return value.replace("\0", "")[:2_000] if isinstance(value, str) else ""
