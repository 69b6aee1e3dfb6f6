"""Pages of bringing in people and groups: a file with its columns, what would happen, and what happened before."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.jobs import enqueue
from plein.people.directory_sync import runs
from plein.people.directory_sync.columns import KINDS, REQUIRED, TITLES
from plein.people.directory_sync.csv_files import MAX_BYTES, UPLOADS, FileRefused, Table, open_table
from plein.people.directory_sync.forms import AllowForm, UploadForm
from plein.people.directory_sync.models import DirectoryRun, DirectoryUpload
from plein.people.directory_sync.report import ACTIONS, REASONS, STATES, from_json
from plein.people.directory_sync.sources import SYNC, sources
from plein.people.directory_sync.uploads import declared_fields, find_upload, keep_upload, plan_of_table
from plein.people.permissions import MANAGE
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

HOME = "plein:templates/groups/directory.pt"
COLUMNS = "plein:templates/groups/directory_columns.pt"
RUN = "plein:templates/groups/directory_run.pt"


# -- the page -------------------------------------------------------------------------------------------------------


@view_config(route_name="admin.directory", request_method="GET", permission=MANAGE, renderer=HOME)
def home(request: Request) -> dict[str, Any]:
    """The sources that there are, a form for a file, and the runs so far."""
    return _home(request, {"kind": "people"}, {})


def _home(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = runs.latest(request.db, before=number)
    return {
        "sources": list(sources(request.plugins, request.plein).values()),
        "runs": found[: runs.RUNS],
        "next": found[runs.RUNS - 1].id if len(found) > runs.RUNS else None,
        "titles": _titles(request),
        "states": STATES,
        "values": values,
        "errors": errors,
    }


def _titles(request: Request) -> dict[str, Any]:
    return {UPLOADS: _("A CSV file")} | {
        one.name: one.title for one in sources(request.plugins, request.plein).values()
    }


@view_config(route_name="admin.directory", request_method="POST", permission=MANAGE, renderer=HOME)
def upload(request: Request) -> Any:
    """Take a file, and go on to its columns."""
    form, errors = parse(UploadForm, request.POST)
    sent = request.POST.get("file")
    if not getattr(sent, "filename", ""):
        errors["file"] = _("Choose a file.")
    elif form is not None:
        try:
            kept = keep_upload(
                request.db, request.viewer.user_id, sent.filename, form.kind, sent.file.read(MAX_BYTES + 1)
            )
        except FileRefused as refused:
            errors["file"] = refused.sentence
        else:
            return HTTPSeeOther(request.route_path("admin.directory.columns", uid=kept.uid))
    request.response.status_code = 422
    return _home(request, typed(request.POST), errors)


# -- a file ---------------------------------------------------------------------------------------------------------


def _upload(request: Request, uid: str) -> DirectoryUpload:
    found = find_upload(request.db, request.viewer.user_id, uid)
    if found is None:
        raise HTTPNotFound()
    return found


@view_config(route_name="admin.directory.columns", request_method="GET", permission=MANAGE, renderer=COLUMNS)
def columns(request: Request) -> dict[str, Any]:
    """Which column is what, as guessed, to be made right."""
    kept = _upload(request, request.matchdict["uid"])
    return _columns(request, kept, open_table(kept.data), kept.choices["columns"], kept.choices["is_all"], {})


def _columns(
    request: Request, kept: DirectoryUpload, table: Table, chosen: dict[str, str], is_all: bool, errors: Errors
) -> dict[str, Any]:
    titles = _fields(request, kept.kind)
    return {
        "upload": kept,
        "sentence": table.sentence(),
        "found": [name for name in table.columns if name],
        "titles": titles,
        "required": REQUIRED[kept.kind],
        "chosen": chosen,
        "unused": [name for name in table.columns if name and name not in chosen.values()],
        "is_all": is_all,
        "errors": errors,
    }


def _fields(request: Request, kind: str) -> dict[str, Any]:
    own = {field: TITLES[field] for field in KINDS[kind]}
    return own | (declared_fields(request.db) if kind == "people" else {})


@view_config(route_name="admin.directory.columns", request_method="POST", permission=MANAGE, renderer=COLUMNS)
def try_file(request: Request) -> Any:
    """Keep the choice, and find out what would happen; nothing changes."""
    kept = _upload(request, request.matchdict["uid"])
    table = open_table(kept.data)
    asked = {field: request.POST.get(f"column-{field}", "") for field in _fields(request, kept.kind)}
    chosen = {field: name for field, name in asked.items() if name in table.columns}
    is_all = request.POST.get("is_all") == "1"
    errors: Errors = {}
    for field in REQUIRED[kept.kind]:
        if field not in chosen:
            errors[f"column-{field}"] = _("Choose the column for this.")
    twice = next((field for field, name in chosen.items() if list(chosen.values()).count(name) > 1), None)
    if twice is not None:
        errors[f"column-{twice}"] = _("This column is chosen twice.")
    if errors:
        request.response.status_code = 422
        return _columns(request, kept, table, chosen, is_all, errors)
    kept.choices = {"columns": chosen, "is_all": is_all}
    return _to_run(request, _run_upload(request, kept, dry_run=True))


def _run_upload(request: Request, kept: DirectoryUpload, *, dry_run: bool, allowed: int | None = None) -> DirectoryRun:
    table, choices = open_table(kept.data), kept.choices
    plan = plan_of_table(table, kept.kind, choices["columns"], request.plein, is_all=choices["is_all"], allowed=allowed)
    return runs.run(request.db, plan, dry_run=dry_run, upload_id=kept.id, notes=[table.sentence()])


def _to_run(request: Request, run: DirectoryRun) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("admin.directory.run", id=run.id))


# -- runs -------------------------------------------------------------------------------------------------------------


def _run(request: Request) -> DirectoryRun:
    run = request.db.get(DirectoryRun, int(request.matchdict["id"]))
    if run is None:
        raise HTTPNotFound()
    return run


@view_config(route_name="admin.directory.run", request_method="GET", permission=MANAGE, renderer=RUN)
def show_run(request: Request) -> dict[str, Any]:
    """What a run did, or would do."""
    return _page_of_run(request, _run(request), {}, {})


def _page_of_run(request: Request, run: DirectoryRun, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    after, action = request.GET.get("after", ""), request.GET.get("action", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    changes = runs.changes_of(request.db, run.id, after=number, action=action, size=runs.PAGE_SIZE + 1)
    kept = request.db.get(DirectoryUpload, run.upload_id) if run.upload_id else None
    goes_on = run.state in ("tried", "stopped") and (
        run.source in {one.name for one in sources(request.plugins, request.plein).values()}
        or (kept is not None and kept.user_id == request.viewer.user_id)
    )
    return {
        "run": run,
        "title": _titles(request).get(run.source, run.source),
        "state": STATES[run.state],
        "counts": [(name, ACTIONS[name], _count(run, "person", name), _count(run, "group", name)) for name in ACTIONS],
        "remarks": [(from_json(one), one["line"]) for one in run.remarks],
        "more_remarks": run.counts.get("remark.more", 0),
        "changes": changes[: runs.PAGE_SIZE],
        "next": changes[runs.PAGE_SIZE - 1].number if len(changes) > runs.PAGE_SIZE else None,
        "after": number,
        "action": action if action in ACTIONS else "",
        "actions": ACTIONS,
        "reasons": REASONS,
        "field_titles": TITLES,
        "goes_on": goes_on,
        "upload": kept,
        "values": values,
        "errors": errors,
    }


def _count(run: DirectoryRun, kind: str, action: str) -> int:
    return int(run.counts.get(f"{kind}.{action}", 0))


@view_config(route_name="admin.directory.report", request_method="GET", permission=MANAGE)
def report(request: Request) -> Response:
    """All that a run did as a CSV file, in which no cell is a formula."""
    run = _run(request)
    rows = runs.report_rows(runs.changes_of(request.db, run.id, size=None), request.localizer.translate)
    response = Response(runs.write_csv(rows), content_type="text/csv", charset="utf-8")
    response.content_disposition = f'attachment; filename="plein-{run.source}-{run.id}.csv"'
    return response


@view_config(route_name="admin.directory.run", request_method="POST", permission=MANAGE, renderer=RUN)
def apply(request: Request) -> Any:
    """Do what a dry run showed: read anew, because things may have changed meanwhile."""
    run = _run(request)
    form, errors = parse(AllowForm, request.POST)
    if form is None:
        request.response.status_code = 422
        return _page_of_run(request, run, typed(request.POST), errors)
    if run.source != UPLOADS:
        return _enqueue(request, run.source, form.allowed)
    kept = find_upload(request.db, request.viewer.user_id, _uid(request, run))
    if kept is None:
        request.notice(_("This file is not kept any more. Send it again."), "error")
        return HTTPSeeOther(request.route_path("admin.directory"))
    done = _run_upload(request, kept, dry_run=False, allowed=form.allowed)
    if done.state == "done":
        request.db.delete(kept)
        request.notice(_("It is done."))
    return _to_run(request, done)


def _uid(request: Request, run: DirectoryRun) -> str:
    kept = request.db.get(DirectoryUpload, run.upload_id) if run.upload_id else None
    return kept.uid if kept is not None else ""


@view_config(route_name="admin.directory.source", request_method="POST", permission=MANAGE)
def read_source(request: Request) -> Any:
    """Read a source: to see what would happen, or to bring it in."""
    source = sources(request.plugins, request.plein).get(request.matchdict["name"])
    if source is None:
        raise HTTPNotFound()
    if request.POST.get("dry_run") == "1":
        return _to_run(request, runs.run(request.db, runs.plan_of(source, request.plein), dry_run=True))
    return _enqueue(request, source.name, None)


def _enqueue(request: Request, source: str, allowed: int | None) -> HTTPSeeOther:
    if source not in sources(request.plugins, request.plein):
        raise HTTPNotFound()
    enqueue(request.db, SYNC, {"source": source, "allowed": allowed}, key=f"{SYNC} {source} {allowed}")
    request.notice(_("The source is read now. What comes of it stands here in a moment."))
    return HTTPSeeOther(request.route_path("admin.directory"))
