"""From a folder to pages that are ready to be written: read, convert, connect. Needs no database.

The digest of a page covers all that decides what it becomes here: its own file, the titles of the pages that it links
to, its files. So running an import again finds out what changed without rendering anything.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from plein.content.titles import MAX_TITLE, clean_tags, clean_title
from plein.transfer.lines import Kept
from plein.transfer.links import Linker, LinkReport
from plein.transfer.mkdocs import VERSION, Converted, convert, title_of_file
from plein.transfer.notes import Notes
from plein.transfer.scan import SourceFile, SourcePage, Tree, read_text
from plein.transfer.site import PageRef, Site
from plein.web.slugs import slugify

_CHUNK = 1 << 18

#: Told of each page that is done: how many, of how many.
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """For whoever does not watch."""


@dataclass(slots=True)
class PlannedPage:
    """A page that is ready to be written.

    :param error: why it is not, in a sentence; with its line.
    """

    source: SourcePage
    ref: PageRef
    converted: Converted
    body: str = ""
    files: dict[str, SourceFile] = field(default_factory=dict)
    report: LinkReport = field(default_factory=LinkReport)
    digest: str = ""
    error: tuple[int, str] | None = None

    @property
    def key(self) -> str:
        return self.source.key

    @property
    def tags(self) -> list[str]:
        return clean_tags(self.converted.tags)


@dataclass(slots=True)
class Plan:
    """All pages of an import, those above before those below."""

    tree: Tree
    pages: list[PlannedPage]
    site: Site
    #: path of a file that a page needs → its SHA-256
    digests: dict[str, str]

    @property
    def unused(self) -> list[str]:
        """The files that no page refers to."""
        used = {file.path for page in self.pages for file in page.files.values()}
        return [path for path in self.tree.files if path not in used]


def make_plan(
    tree: Tree, *, max_kb: int, address: str, tag_keys: Iterable[str] = (), progress: Progress = no_progress
) -> Plan:
    """Read and convert every page of *tree*.

    :param max_kb: a file that is more than twice as large is not even read.
    :param address: ``/spaces/{space}/{path}``, for links that cannot be written as wiki links.
    """
    pages = []
    for number, source in enumerate(tree.pages, 1):
        pages.append(_read(source, max_kb, tuple(tag_keys)))
        progress("read", number, len(tree.pages))
    site = Site((page.ref for page in pages), tree.files, tree.folders, tree.skipped)
    plan = Plan(tree, pages, site, {})
    assign_slugs(pages, {}, ())
    for page in pages:
        _connect(page, plan, address)
    for page in pages:
        page.digest = _digest(page, plan)
    return plan


def assign_slugs(pages: Iterable[PlannedPage], known: Mapping[str, str], taken: Iterable[str]) -> set[str]:
    """Give each page its address: the one it has, or the first free one like its title.

    :param known: key → the slug that the page has in Plein already.
    :param taken: slugs of other items.
    :return: the keys of the pages whose address changed.
    """
    used = {*taken, *known.values()}
    changed = set()
    for page in pages:
        before = page.ref.slug
        page.ref.slug = known.get(page.key, "")
        if not page.ref.slug:
            base = slugify(page.ref.title)
            number, slug = 1, base
            while slug in used:
                number += 1
                slug = f"{base}-{number}"
            page.ref.slug = slug
            used.add(slug)
        if page.ref.slug != before:
            changed.add(page.key)
    return changed


def relink(plan: Plan, changed: set[str], address: str) -> set[str]:
    """Write the bodies anew that link to pages whose address *changed*; their keys."""
    again = {page.key for page in plan.pages if page.report.targets & changed}
    for page in plan.pages:
        if page.key in again:
            before = list(page.converted.notes.items)
            _connect(page, plan, address)
            # The same notes a second time would count double.
            page.converted.notes.items = before
    return again


def _read(source: SourcePage, max_kb: int, tag_keys: tuple[str, ...]) -> PlannedPage:
    if source.file is None:
        converted = Converted(title_of_file(source.key), [], Kept(), Notes())
        return PlannedPage(source, PageRef(source.key, "", converted.title), converted)
    text, remark, error = "", "", None
    if source.file.size > max_kb * 2048:
        error = (0, f"the file is {source.file.size // 1024} KB; at most {max_kb} KB fits on one page")
    else:
        try:
            text, remark = read_text(source.file)
        except OSError as failure:
            error = (0, f"the file cannot be read: {failure.strerror or failure}")
    converted = convert(text, source.path, tag_keys=tag_keys)
    title = clean_title(converted.title) or title_of_file(source.path)
    if remark:
        converted.notes.add("encoding", 0, remark)
    if len(converted.title) > MAX_TITLE:
        converted.notes.add("title", 0, f"the title was cut off at {MAX_TITLE} characters: {converted.title}")
    converted.title = title
    ref = PageRef(
        source.key, source.path, title, headings=converted.headings, anchors=converted.anchors, values=converted.values
    )
    return PlannedPage(source, ref, converted, error=error)


def _connect(page: PlannedPage, plan: Plan, address: str) -> None:
    linker = Linker(page.ref, plan.site, address)
    if page.source.file is None:
        below = [each for each in plan.pages if each.source.parent == page.key]
        page.body = "".join(f"- {linker.page_link(each.ref)}\n" for each in below)
    else:
        page.body = linker.rewrite(page.converted)
    page.files, page.report = linker.files, linker.report
    for file in page.files.values():
        if file.path not in plan.digests:
            plan.digests[file.path] = _digest_of(file)


def _digest(page: PlannedPage, plan: Plan) -> str:
    parts = [
        VERSION,
        page.ref.title,
        page.tags,
        page.source.parent,
        page.body,
        {name: plan.digests[file.path] for name, file in page.files.items()},
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "replace")).hexdigest()


def _digest_of(file: SourceFile) -> str:
    digest = hashlib.sha256()
    try:
        with file.full.open("rb") as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()
