"""The rules of writing content: create, save, restore, move, throw away.

Every content type gets this service; a type with more to it inherits and adds. Services are given what they work
with, never commit, and leave who may do what to the views' permissions; what can be *seen* the guard decides.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.approving import require_approved
from plein.content.changes import tell
from plein.content.fields import as_json, from_json, jsonable, merge_fields
from plein.content.links import render_item, render_text
from plein.content.living import require_living
from plein.content.merge import Merge, merge3
from plein.content.models import Content, ContentRedirect, Revision, Transition
from plein.content.tagging import keep, resolve
from plein.content.titles import clean_tags, clean_title, sort_title
from plein.contributions import ChangeAction, ContentChange, ContentType
from plein.db import utcnow
from plein.plugins import Plugins
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.web.markup import MarkupLimits, Rendered
from plein.web.slugs import slugify

#: How far equal titles are numbered; after that chance keeps their addresses apart.
_NUMBERED = 20
_CHANCES = 5


class StaleVersion(ValueError):
    """A save named a version that this item never had."""


class TitleTaken(ValueError):
    """No free address could be made from a title."""


class ItemLocked(ValueError):
    """An item was to be changed that is locked, by somebody who may not do that."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What became of a save.

    :param kind: ``saved``; ``merged`` with what somebody else saved meanwhile; ``unchanged``; ``proposed``: it waits
        for approval, and the item is as it was; or ``conflict``: nothing was stored, and *merge* holds both texts where
        they clash.
    :param merge: of the bodies, where another save came between.
    :param base: the revision that the writer started from, with a conflict.
    :param field_clashes: the names of the type's own fields that both filled in differently, with a conflict.
    """

    kind: Literal["saved", "merged", "unchanged", "proposed", "conflict"]
    item: Content
    merge: Merge | None = None
    base: Revision | None = None
    field_clashes: tuple[str, ...] = ()


@dataclass(slots=True)
class ContentService:
    """Writing items of one type, as one viewer.

    What an organisation asks of a text for its readers' sake (required checks of the assistant, sections that a
    template requires, controlled lists of tags) is asked where somebody writes: in forms, and for tags of many items
    at once. The service does not ask it: an import takes texts as they are and refuses none, and what there is to mend
    is said to whoever edits one next. A new way of writing asks ``find_all`` and ``refused`` itself. What protects
    readers (rights, approval, locks, limits) the service asks always.
    """

    db: Session
    viewer: Viewer
    type: ContentType
    plugins: Plugins
    limits: MarkupLimits = field(default_factory=MarkupLimits)
    #: somebody else agreed to what is published, or it needs nobody's approval
    approved: bool = False
    #: the viewer may change items that are locked
    unlocks: bool = False

    #: form fields of the type's own that the common form passes through
    extra_fields: ClassVar[tuple[str, ...]] = ()

    # -- what a type may add -------------------------------------------------------------------------------------

    def extra_values(self, space: Space, typed: Mapping[str, str]) -> dict[str, Any]:
        """The type's own columns for a new item, from ``extra_fields`` as *typed*."""
        return {}

    def surroundings(self, item: Content, space: Space) -> dict[str, Any]:
        """What the type shows around an item: values for its template."""
        return {}

    def list_surroundings(self, space: Space) -> dict[str, Any]:
        """What the type shows around the list of its items in *space*: values for its template."""
        return {}

    # -- write ---------------------------------------------------------------------------------------------------

    def create(
        self,
        space: Space,
        *,
        title: str,
        body: str = "",
        tags: Sequence[str] = (),
        note: str = "",
        kind: str = "edit",
        state: str = "published",
        slug: str | None = None,
        minor: bool = False,
        **extra: Any,
    ) -> Content:
        """A new item in *space*, with its first revision.

        :param minor: nobody needs to hear of it.
        :param slug: instead of one made from the title; a number is added where it is taken.
        :param extra: the type's own columns.
        :raises MarkupError: when the body is larger or deeper than the limits.
        :raises ApprovalNeeded: where it would be published and somebody else has to look at it first.
        """
        require_living(space)
        self._require_approved(space, state != "draft" and kind != "import")
        now = utcnow()
        words = resolve(self.db, clean_tags(tuple(tags)))
        item: Content = self.type.model(
            type=self.type.name,
            space=space,
            title=clean_title(title),
            sort_title=sort_title(clean_title(title)),
            body=body,
            tags=[word.name for word in words],
            state=state,
            language=space.language,
            created_at=now,
            updated_at=now,
            published_at=now if state == "published" else None,
            **dict.fromkeys(("author_id", "owner_id", "updated_by_id"), self.viewer.user_id),
            **extra,
        )
        self._check(item)
        self._claim_slug(item, slug or slugify(item.title))
        keep(self.db, item.id, words, is_new=True)
        self._render(item)
        self._revise(item, note=note, kind=kind, minor=minor)
        self._changed(item, "created", minor=minor or kind == "import")
        return item

    def save(
        self,
        item: Content,
        *,
        base_version: int,
        title: str,
        body: str,
        tags: Sequence[str] = (),
        note: str = "",
        kind: str = "edit",
        minor: bool = False,
        **extra: Any,
    ) -> SaveResult:
        """Store a new version of *item*, merged with what others saved since *base_version*.

        :param minor: nobody needs to hear of it.
        :param extra: the type's own columns; those that are left out stay as they are.

        :raises StaleVersion: when the item never had *base_version*.
        :raises MarkupError: when the body is larger or deeper than the limits.
        :raises ApprovalNeeded: where it is no draft and somebody else has to look at the change first.
        """
        self._lock(item)
        self._require_approved(item.space, item.state != "draft")
        title, tags = clean_title(title), clean_tags(tuple(tags))
        merge = None
        if base_version != item.version:
            base = self.revision(item, base_version)
            if base is None:
                raise StaleVersion(f"version {base_version} of {item.uid} does not exist")
            merge = merge3(base.body, body, item.body)
            title_clash = base.title not in (title, item.title) and title != item.title
            extra, field_clashes = self._merge_extra(item, base, extra)
            if merge.conflicts or title_clash or field_clashes:
                return SaveResult("conflict", item, merge, base, field_clashes)
            body = merge.text
            title = item.title if title == base.title else title
            tags = merge_tags(base.tags, tags, item.tags)
        if tags != item.tags:
            tags = [word.name for word in resolve(self.db, tags)]
        extra = {name: value for name, value in extra.items() if getattr(item, name) != value}
        if (title, body, tags) == (item.title, item.body, item.tags) and not extra:
            return SaveResult("unchanged", item, merge)
        kind = "merge" if merge else kind
        self._store(item, title=title, body=body, tags=tags, note=note, kind=kind, minor=minor, **extra)
        return SaveResult("merged" if merge else "saved", item, merge)

    def restore(self, item: Content, version: int) -> SaveResult:
        """Make an earlier version the newest one. Nothing in between is lost: it stays in the history.

        :raises StaleVersion: when the item never had *version*.
        :raises ApprovalNeeded: where it is no draft and somebody else has to look at the change first.
        """
        self._lock(item)
        self._require_approved(item.space, item.state != "draft")
        revision = self.revision(item, version)
        if revision is None:
            raise StaleVersion(f"version {version} of {item.uid} does not exist")
        fields = from_json(self.type.fields, revision.fields)
        now = {name: getattr(item, name) for name in fields}
        if (revision.title, revision.body, revision.tags, fields) == (item.title, item.body, item.tags, now):
            return SaveResult("unchanged", item)
        text: dict[str, Any] = {"title": revision.title, "body": revision.body, "tags": list(revision.tags)}
        self._store(item, **text, note=str(version), kind="restore", **fields)
        return SaveResult("saved", item)

    def trash(self, item: Content, reason: str = "") -> None:
        """Throw *item* away. It keeps its address, so that putting it back changes nothing for anybody."""
        self._lock(item)
        if item.state == "trashed":
            return
        item.state_before, item.trashed_at = item.state, utcnow()
        self.change_state(item, "trashed", "trashed", reason=reason)
        record(self.db, "content.trashed", "content", item.id, space=item.space_id)

    def untrash(self, item: Content) -> None:
        """Put *item* back as it was before it was thrown away."""
        self._lock(item)
        if item.state != "trashed":
            return
        before, item.state_before, item.trashed_at = item.state_before or "published", None, None
        if before == "scheduled" and (item.publish_at is None or item.publish_at <= utcnow()):
            # Its moment passed while it lay there: nobody said that it should appear the moment it is put back.
            before, item.publish_at = "draft", None
        self.change_state(item, before, "untrashed")
        record(self.db, "content.untrashed", "content", item.id, space=item.space_id)

    def change_state(self, item: Content, state: str, action: ChangeAction, *, reason: str = "") -> None:
        """Give *item*, which the caller has locked, another *state*, and tell everything that keeps something of it.

        Features that know why call this; it asks nothing.
        """
        before, item.state = item.state, state
        if state == "published" and item.published_at is None:
            item.published_at = utcnow()
        item.updated_at = utcnow()
        if self.viewer.user_id is not None:
            item.updated_by_id = self.viewer.user_id
        self.note(item, action, reason=reason, before={"state": before})

    def note(
        self, item: Content, action: ChangeAction, *, reason: str = "", before: Mapping[str, Any] | None = None
    ) -> None:
        """Write down what became of *item* beside its text, and tell whoever takes part in changes."""
        before = dict(before or {})
        self.db.add(
            Transition(
                content_id=item.id,
                action=action,
                before=before.get("state", item.state),
                after=item.state,
                reason=clean_title(reason),
                actor_id=self.viewer.user_id,
            )
        )
        self.db.flush()
        self._changed(item, action, reason=reason, before=before)

    def move_to_space(self, item: Content, space: Space, reason: str = "") -> None:
        """Give *item* an address in another space. The old address leads to the new one."""
        self._lock(item)
        if item.space_id == space.id:
            return
        require_living(space)
        old_space, old_slug = item.space_id, item.slug
        self._claim_slug(item, old_slug, space=space)
        self._redirect(item, old_space, old_slug)
        record(self.db, "content.moved", "content", item.id, before=old_space, after=space.id)
        item.updated_at, item.updated_by_id = utcnow(), self.viewer.user_id
        # [[links]] mean pages of the space they stand in.
        self._render(item)
        self.note(item, "moved", reason=reason, before={"space_id": old_space})

    def audience_changed(self, item: Content) -> None:
        """Tell who keeps something about *item*, the search index say, that others see it now."""
        self.db.flush()
        self._changed(item, "audience")

    def rerender(self, item: Content) -> None:
        """Make the HTML of *item* anew: after a change in its files, or in the renderer itself."""
        self._render(item)
        self._changed(item, "rendered")

    def revision(self, item: Content, version: int) -> Revision | None:
        """The text of *item* at *version*."""
        return self.db.scalars(
            select(Revision).where(Revision.content_id == item.id, Revision.version == version)
        ).one_or_none()

    # -- how -----------------------------------------------------------------------------------------------------

    def _check(self, item: Content) -> None:
        self.limits.check(item.body)

    def _lock(self, item: Content) -> None:
        """Wait for whoever saves this item now, then see what they saved.

        :raises SpaceArchived: where the item's space is only read.
        :raises ItemLocked: where the item is locked, and the viewer may not change it.
        """
        self.db.refresh(item, with_for_update={"of": Content})
        require_living(self.db.get(Space, item.space_id))
        if item.locked and not self.unlocks:
            raise ItemLocked(f"item {item.uid} is locked")

    def _require_approved(self, space: Space, is_for_others: bool) -> None:
        # A scheduled item appears by itself, one in the archive or the trash may come back: all but drafts are asked.
        if is_for_others and not self.approved:
            require_approved(self.db, self.type.name, space.id)

    def _store(
        self,
        item: Content,
        *,
        title: str,
        body: str,
        tags: list[str],
        note: str,
        kind: str,
        minor: bool = False,
        **extra: Any,
    ) -> None:
        renamed = title != item.title
        if tags != item.tags:
            words = resolve(self.db, tags)
            tags = [word.name for word in words]
            keep(self.db, item.id, words)
        item.title, item.body, item.tags = title, body, tags
        for name, value in extra.items():
            setattr(item, name, value)
        self._check(item)
        item.version += 1
        item.updated_at, item.updated_by_id = utcnow(), self.viewer.user_id
        if renamed:
            item.sort_title = sort_title(title)
            self._rename(item, slugify(title))
        self._render(item)
        self._revise(item, note=note, kind=kind, minor=minor)
        self._changed(item, "renamed" if renamed else "saved", minor=minor or kind == "import")

    def _rename(self, item: Content, slug: str) -> None:
        """Follow the title with the address, unless it only differs by the number that keeps it apart."""
        if item.slug == slug:
            return
        old = item.slug
        self._claim_slug(item, slug)
        self._redirect(item, item.space_id, old)

    def _claim_slug(self, item: Content, slug: str, *, space: Space | None = None) -> None:
        """Give *item* the first free address like *slug* (in *space*, or where it is), and write it.

        Whether an address is taken only the database knows: the guard hides items that this viewer may not see,
        and another writer may come between. So it is tried, not asked.
        """
        for candidate in _addresses(slug):
            try:
                with self.db.begin_nested():
                    if space is not None:
                        item.space = space
                    item.slug = candidate
                    self.db.add(item)
                    self.db.flush()
            except IntegrityError as error:
                if "slug" not in str(error.orig):
                    raise
            else:
                return
        raise TitleTaken(f"no free address like {slug!r} in space {item.space.slug!r}")

    def _redirect(self, item: Content, space_id: int, slug: str) -> None:
        """Let the address *slug* lead to *item* from now on."""
        if (space_id, slug) == (item.space_id, item.slug):
            return
        try:
            with self.db.begin_nested():
                self.db.add(ContentRedirect(content_id=item.id, space_id=space_id, type=item.type, slug=slug))
        except IntegrityError:
            # The address led somewhere before; the last one to leave it has it.
            redirect = self.db.scalars(
                select(ContentRedirect).where(
                    ContentRedirect.space_id == space_id,
                    ContentRedirect.type == item.type,
                    ContentRedirect.slug == slug,
                )
            ).one_or_none()
            if redirect is not None:
                redirect.content_id = item.id
        self.db.flush()

    def _render(self, item: Content) -> None:
        render_item(self.db, item, self.type, self.limits, self.plugins.content_types)

    def rendered(self, item: Content, text: str) -> Rendered:
        """*text* as it would stand in *item*, which need not be stored.

        :raises MarkupError: when it is larger or deeper than the limits.
        """
        return render_text(self.db, item, self.type, text, self.limits, self.plugins.content_types)

    def _revise(self, item: Content, *, note: str, kind: str, minor: bool = False) -> None:
        self.db.add(
            Revision(
                content_id=item.id,
                version=item.version,
                title=item.title,
                body=item.body,
                tags=list(item.tags),
                fields=as_json(self.type.fields, item),
                minor=minor,
                note=clean_title(note),
                kind=kind,
                author_id=self.viewer.user_id,
            )
        )
        self.db.flush()

    def _merge_extra(
        self, item: Content, base: Revision, extra: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The type's own fields after somebody else saved since *base*; other columns stay as given."""
        known = {one.name for one in self.type.fields if one.name in extra}
        mine = {name: jsonable(extra[name]) for name in known}
        theirs = {name: value for name, value in as_json(self.type.fields, item).items() if name in known}
        merged, clashes = merge_fields(base.fields, mine, theirs)
        return extra | from_json(self.type.fields, merged), clashes

    def _changed(
        self,
        item: Content,
        action: ChangeAction,
        *,
        reason: str = "",
        minor: bool = False,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        change = ContentChange(item, action, self.viewer, reason=reason, minor=minor, before=before or {})
        tell(self.plugins, self.db, change)


def _addresses(slug: str) -> Iterator[str]:
    """*slug*, and what to try where it is taken."""
    yield slug
    yield from (f"{slug}-{number}" for number in range(2, _NUMBERED + 1))
    yield from (f"{slug}-{secrets.token_hex(4)}" for _try in range(_CHANCES))


def merge_tags(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    """Tags after two people changed them: what either added stays, what either removed goes."""
    gone = (set(base) - set(mine)) | (set(base) - set(theirs))
    return clean_tags([tag for tag in [*theirs, *mine] if tag not in gone])
