"""``plein import markdown``: a folder of Markdown as pages of a space, again and again.

A first import creates. A later one changes only what changed in the folder, merges that with what people wrote
meanwhile, and where both changed the same lines leaves the page alone and says so. All of it in the caller's
transaction: who commits gets everything or nothing.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from plein.audit import record
from plein.content.links import render_text
from plein.content.merge import merge3
from plein.content.models import Content
from plein.content.titles import clean_tags
from plein.transfer.import_files import check_files, store_files
from plein.transfer.into import ImportRefused, Into
from plein.transfer.models import ImportItem
from plein.transfer.plan import PlannedPage, Progress, make_plan, no_progress, relink
from plein.transfer.receipt import PageEntry, Receipt
from plein.transfer.scan import ScanRefused, scan
from plein.transfer.work import Created, Known, Work, prepare
from plein.web.markup import MarkupError


def import_markdown(
    into: Into,
    folder: Path,
    *,
    source: str = "",
    tag_keys: Sequence[str] = (),
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> Receipt:
    """Bring the pages and files of *folder* in. Nothing is committed.

    :param source: what to remember the folder by; its name by default. The same name finds the same pages again.
    :param tag_keys: keys of the front matter that are to become tags, besides the usual ones.
    :param dry_run: find out what would happen, and change nothing.
    :raises ImportRefused: when the folder, or the viewer's permissions, make it impossible.
    """
    started = time.monotonic()
    into.require("create", "edit")
    try:
        tree = scan(folder)
    except ScanRefused as refused:
        raise ImportRefused(str(refused)) from refused
    source = source.strip() or tree.root.name or "import"
    receipt = Receipt(into.space.slug, into.type.name, source, str(tree.root), into.viewer.name, dry_run)
    plan = make_plan(tree, max_kb=into.limits.max_kb, address=into.address, tag_keys=tag_keys, progress=progress)
    work = prepare(into, plan, receipt, source)
    for number, page in enumerate(plan.pages, 1):
        entry = _try(work, page, dry_run)
        receipt.pages.append(entry)
        receipt.tell(page, entry)
        progress("write", number, len(plan.pages))
    if not dry_run:
        _settle_addresses(work)
        counts: dict[str, Any] = {state: number for state, number in receipt.counts.items() if number}
        if counts.keys() - {"unchanged", "skipped"}:
            record(into.db, "import.done", "space", into.space.id, receipt=receipt.uid, **counts)
    _tell_the_rest(work)
    receipt.seconds = round(time.monotonic() - started, 2)
    return receipt


def _try(work: Work, page: PlannedPage, dry_run: bool) -> PageEntry:
    """Bring one page in; what goes wrong with it costs only itself."""
    entry = PageEntry(page.key, page.source.named, "error", title=page.ref.title, slug=page.ref.slug)
    row = work.rows.get(page.key)
    item = work.items.get(row.content_id) if row is not None and row.content_id is not None else None
    if item is not None:
        work.ids[page.key] = item.id
        entry.uid, entry.slug, entry.version = item.uid, item.slug, item.version
    if page.error:
        return _failed(work, entry, *page.error)
    if row is not None and (item is None or item.state == "trashed"):
        entry.state = "skipped"
        entry.reason = "it was thrown away in Plein" if row.content_id is not None else "it was deleted in Plein"
        return entry
    if row is not None and row.digest == page.digest:
        entry.state = "unchanged"
        entry.refused = dict.fromkeys(sorted(page.files.keys() - row.files.keys()), "the file was refused before")
        work.receipt.files["unchanged"] += len(page.files) - len(entry.refused)
        return entry
    try:
        if dry_run:
            return _foretell(work, page, entry, row, item)
        with work.into.db.begin_nested():
            if row is None or item is None:
                return _create(work, page, entry)
            return _update(work, page, entry, row, item)
    except MarkupError as error:
        work.created.pop(page.key, None)
        if item is None:
            work.ids.pop(page.key, None)
        return _failed(work, entry, 0, str(error))


def _failed(work: Work, entry: PageEntry, line: int, reason: str) -> PageEntry:
    entry.state, entry.reason = "error", reason
    work.receipt.error(entry.path, line, reason)
    return entry


# -- one page -----------------------------------------------------------------------------------------------------


def _create(work: Work, page: PlannedPage, entry: PageEntry) -> PageEntry:
    into = work.into
    item = work.service.create(
        into.space,
        title=page.ref.title,
        body=page.body,
        tags=page.tags,
        note=_note(page),
        kind="import",
        slug=page.ref.slug,
        **_place(work, page),
    )
    work.ids[page.key] = item.id
    stored = store_files(work, page, item, {}, entry)
    if stored:
        work.service.rerender(item)
    row = ImportItem(
        space_id=into.space.id, source=work.source, path=page.key, content_id=item.id, files=stored,
        version=item.version, receipt=work.receipt.uid, **_remembered(page),
    )  # fmt: skip
    into.db.add(row)
    work.created[page.key] = Created(item, row, entry)
    entry.state, entry.uid, entry.slug, entry.version = "created", item.uid, item.slug, item.version
    return entry


def _update(work: Work, page: PlannedPage, entry: PageEntry, row: ImportItem, known: Known) -> PageEntry:
    title, body, tags, clash = _merged(page, row, known)
    if clash:
        entry.state, entry.reason = "conflict", clash
        return entry
    db, model = work.into.db, work.into.type.model
    item: Content = db.scalars(select(model).where(model.id == known.id)).one()
    entry.before = {
        "digest": row.digest, "title": row.title, "body": row.body, "tags": row.tags, "files": row.files,
        "version": row.version, "receipt": row.receipt,
    }  # fmt: skip
    entry.version_before = item.version
    stored = store_files(work, page, item, row.files, entry)
    result = work.service.save(
        item, base_version=item.version, title=title, body=body, tags=tags, note=_note(page), kind="import"
    )
    if result.kind == "unchanged" and stored != row.files:
        work.service.rerender(item)
    theirs = (known.title, known.body, known.tags) != (row.title, row.body, row.tags)
    entry.state = "merged" if theirs and result.kind == "saved" else "updated"
    if result.kind == "unchanged" and stored == row.files:
        entry.state, entry.before = "unchanged", None
    row.version, row.receipt, row.files = item.version, work.receipt.uid, {**row.files, **stored}
    for name, value in _remembered(page).items():
        setattr(row, name, value)
    entry.version, entry.slug = item.version, item.slug
    return entry


def _foretell(
    work: Work, page: PlannedPage, entry: PageEntry, row: ImportItem | None, known: Known | None
) -> PageEntry:
    """What :func:`_create` or :func:`_update` would come to."""
    into = work.into
    check_files(work, page, entry)
    body = page.body
    if row is None or known is None:
        entry.state = "created"
    else:
        title, body, tags, clash = _merged(page, row, known)
        same = (title, body, tags) == (known.title, known.body, known.tags)
        entry.state, entry.reason = ("conflict", clash) if clash else ("unchanged" if same else "updated", "")
        if not same and not clash and (known.title, known.body, known.tags) != (row.title, row.body, row.tags):
            entry.state = "merged"
    sample = into.type.model(space=into.space, language=into.space.language, body=body)
    render_text(into.db, sample, into.type, body, into.limits)
    return entry


def _merged(page: PlannedPage, row: ImportItem, known: Known) -> tuple[str, str, list[str], str]:
    """Title, body and tags after the source and perhaps people changed them; and why that cannot be done."""
    merge = merge3(row.body, page.body, known.body)
    title = page.ref.title if known.title == row.title else known.title
    clash = ""
    if merge.conflicts:
        places = ", ".join(str(conflict.line) for conflict in merge.conflicts[:5])
        clash = f"people changed the same lines in Plein (lines {places} of the new text); the page was left alone"
    elif page.ref.title not in (row.title, known.title) and known.title != row.title:
        clash = f"the page was renamed in Plein ({known.title}) and in the folder ({page.ref.title})"
    gone = (set(row.tags) - set(page.tags)) | (set(row.tags) - set(known.tags))
    tags = page.tags if known.tags == row.tags else [tag for tag in [*known.tags, *page.tags] if tag not in gone]
    return title, merge.text, clean_tags(tags), clash


def _remembered(page: PlannedPage) -> dict[str, Any]:
    return {"digest": page.digest, "title": page.ref.title, "body": page.body, "tags": page.tags}


def _note(page: PlannedPage) -> str:
    date = f" ({page.converted.date})" if page.converted.date else ""
    return f"{page.source.named}{date}"


def _place(work: Work, page: PlannedPage) -> dict[str, Any]:
    """Where a new page stands, for types whose items stand in a tree."""
    model = work.into.type.model
    if not hasattr(model, "parent_id"):
        return {}
    above: str | None = page.source.parent
    while above is not None and above not in work.ids:
        above = work.plan.site.pages[above].key.rstrip("/").rpartition("/")[0]
        above = f"{above}/" if above else None
    place: dict[str, Any] = {"parent_id": work.ids.get(above) if above else None}
    return {**place, "position": page.source.order} if hasattr(model, "position") else place


# -- the rest -----------------------------------------------------------------------------------------------------


def _settle_addresses(work: Work) -> None:
    """Mend links to pages that got another address than foreseen: one that the viewer cannot see had it."""
    pages = work.plan.site.pages
    actual = {key: made.item.slug for key, made in work.created.items() if made.item.slug != pages[key].slug}
    if not actual:
        return
    for key, slug in actual.items():
        pages[key].slug = slug
    again = relink(work.plan, set(actual), work.into.address)
    for page in work.plan.pages:
        made = work.created.get(page.key)
        if page.key not in again or made is None or made.item.body == page.body:
            continue
        item = made.item
        work.service.save(
            item, base_version=item.version, title=item.title, body=page.body, tags=item.tags, note=_note(page),
            kind="import",
        )  # fmt: skip
        made.row.body, made.row.version, made.entry.version = page.body, item.version, item.version


def _tell_the_rest(work: Work) -> None:
    plan, receipt = work.plan, work.receipt
    receipt.skipped = dict(plan.tree.skipped)
    receipt.unused_files = plan.unused
    present = {page.key for page in plan.pages}
    for key, row in sorted(work.rows.items()):
        if key not in present:
            item = work.items.get(row.content_id) if row.content_id is not None else None
            if item is not None and item.state != "trashed":
                receipt.pages.append(
                    PageEntry(
                        key, key, "gone", title=item.title, uid=item.uid, slug=item.slug, version=item.version,
                        reason="it is no longer in the folder; the page was left alone",
                    )
                )  # fmt: skip
