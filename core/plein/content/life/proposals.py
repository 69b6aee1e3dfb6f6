"""Four eyes: what is new or changed waits until somebody else agrees to it.

A draft waits as it is; a change of something that is read waits beside it, as a text of its own. Whoever approves is
never its author, has the role that the policy asks for at the moment of approving, and has seen what they approve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.approving import approver_roles
from plein.content.fields import as_json, from_json, jsonable
from plein.content.life.models import Proposal, ProposalComment
from plein.content.life.reviewers import people_who_approve
from plein.content.life.service import LifeRefused, LifeService
from plein.content.living import require_living
from plein.content.models import Content, Revision
from plein.content.policies import policies
from plein.content.services import ContentService, SaveResult
from plein.content.titles import clean_tags, clean_title
from plein.db import utcnow
from plein.events import emit
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.web.i18n import _

#: Of a comment, and of the reason for a decision.
MAX_COMMENT = 2_000


class ProposalConflict(LifeRefused):
    """What was proposed does not go together with what was changed since."""

    def __init__(self, result: SaveResult) -> None:
        super().__init__(_("The same place of the page was changed since. Ask the author to send the change again."))
        self.result = result


@dataclass(slots=True)
class ProposalService:
    """Proposals for items of one type, as one viewer. Never commits; the views say who sees the pages.

    :param role: what the viewer is in the space of the item: approving goes by role.
    """

    service: ContentService
    role: str | None = None

    @property
    def db(self) -> Session:
        return self.service.db

    @property
    def viewer(self) -> Viewer:
        return self.service.viewer

    # -- asking --------------------------------------------------------------------------------------------------

    def ask_to_publish(
        self, item: Content, *, publish_at: datetime | None = None, reviewer_id: int | None = None, note: str = ""
    ) -> Proposal:
        """Have a draft wait for somebody's approval; sent again, it waits as it is now."""
        self.service._lock(item)
        if item.state != "draft":
            raise LifeRefused(_("Only a draft can be sent for approval."))
        text = {"title": item.title, "body": "", "tags": [], "fields": {}, "base_version": item.version}
        return self._ask(item, "publish", text, publish_at=publish_at, reviewer_id=reviewer_id, note=note)

    def suggest(
        self,
        item: Content,
        *,
        base_version: int,
        title: str,
        body: str,
        tags: Sequence[str] = (),
        fields: Mapping[str, Any] | None = None,
        reviewer_id: int | None = None,
        note: str = "",
    ) -> Proposal | None:
        """Have a changed text wait beside the item; ``None`` where nothing was changed.

        :raises MarkupError: when the body is larger or deeper than the limits.
        """
        # Not the service's own lock: who may not change a locked item may still suggest a change of it.
        self.db.refresh(item, with_for_update={"of": Content})
        require_living(self.db.get(Space, item.space_id))
        if item.state not in ("published", "archived"):
            raise LifeRefused(_("This cannot be changed now."))
        self.service.limits.check(body)
        base = self.service.revision(item, base_version)
        if base is None:
            raise LifeRefused(_("This version does not exist. Open the page again."))
        own = as_json(self.service.type.fields, item) | {k: jsonable(v) for k, v in (fields or {}).items()}
        text: dict[str, Any] = {
            "title": clean_title(title),
            "body": body,
            "tags": clean_tags(tuple(tags)),
            "fields": own,
        }
        if (base.title, base.body, base.tags) == (title, body, tags) and base.fields == own:
            return None
        text["base_version"] = base_version
        return self._ask(item, "change", text, reviewer_id=reviewer_id, note=note)

    def _ask(
        self,
        item: Content,
        kind: str,
        text: dict[str, Any],
        *,
        reviewer_id: int | None,
        note: str,
        publish_at: datetime | None = None,
    ) -> Proposal:
        mine = self.mine(item)
        if mine is None:
            mine = Proposal(content_id=item.id, author_id=self.viewer.user_id, kind=kind, round=0, **text)
            self.db.add(mine)
            item.open_proposals += 1
        for name, value in text.items():
            setattr(mine, name, value)
        mine.kind, mine.round, mine.note, mine.updated_at = kind, mine.round + 1, clean_title(note), utcnow()
        mine.publish_at, mine.reviewer_id = publish_at, reviewer_id
        self.db.flush()
        if kind == "publish":
            self.service.note(item, "proposed", reason=note)
        self._tell("approval.asked", item, mine, self._asked(item, mine))
        return mine

    def mine(self, item: Content) -> Proposal | None:
        """The viewer's own proposal that waits, for an item that has any."""
        if not item.open_proposals:
            return None
        return self.db.scalars(
            select(Proposal).where(
                Proposal.content_id == item.id, Proposal.author_id == self.viewer.user_id, Proposal.state == "open"
            )
        ).one_or_none()

    # -- deciding ------------------------------------------------------------------------------------------------

    def may_decide(self, item: Content, proposal: Proposal) -> Literal["yes", "own", "role"]:
        """Whether the viewer may approve or reject: ``own`` where they wrote it, ``role`` where it is not for them."""
        if self.role not in approver_roles(policies(self.db, item.type, item.space_id)):
            return "role"
        return "own" if self.viewer.user_id in self._writers(item, proposal) else "yes"

    def _writers(self, item: Content, proposal: Proposal) -> set[int | None]:
        """Who wrote what would be approved: its author, and of a draft who saved it since it was sent."""
        if proposal.kind == "change":
            return {proposal.author_id}
        later = select(Revision.author_id).where(
            Revision.content_id == item.id, Revision.version > proposal.base_version
        )
        return {proposal.author_id, *self.db.scalars(later)}

    def approve(self, item: Content, proposal: Proposal, *, seen: tuple[int, int], reason: str = "") -> None:
        """Publish what is proposed, or make it the newest version; merged with what was saved since.

        :param seen: the round of the proposal and the version of the item that the viewer looked at.
        :raises ProposalConflict: where both changed the same place. Nothing is stored then.
        :raises LifeRefused: where it was decided already, is the viewer's own, or is no longer what they looked at.
        """
        self._decide(item, proposal)
        if proposal.round != seen[0] or (proposal.kind == "publish" and item.version != seen[1]):
            raise LifeRefused(_("It was changed while you were looking. Look at it again before you approve it."))
        if proposal.kind == "publish":
            self._publish(item, proposal, reason)
        else:
            self._apply(item, proposal)
        self._close(item, proposal, "approved", reason, version=item.version)
        self.service.note(item, "approved", reason=reason)
        self._tell("approval.approved", item, proposal, {proposal.author_id})

    def _publish(self, item: Content, proposal: Proposal, reason: str) -> None:
        if item.state != "draft":
            raise LifeRefused(_("This is not a draft any more, so there is nothing to publish."))
        # By the writer: their name stands over it. That somebody else agreed is a step of its own.
        life = LifeService(self._as_author(proposal))
        if proposal.publish_at is not None and proposal.publish_at > utcnow():
            life.schedule(item, proposal.publish_at)
        else:
            life.publish(item)

    def _apply(self, item: Content, proposal: Proposal) -> None:
        if item.state not in ("published", "archived"):
            raise LifeRefused(_("This cannot be changed now."))
        service = self._as_author(proposal)
        result = service.save(
            item,
            base_version=proposal.base_version,
            title=proposal.title,
            body=proposal.body,
            tags=proposal.tags,
            note=proposal.note,
            **from_json(service.type.fields, proposal.fields),
        )
        if result.kind == "conflict":
            raise ProposalConflict(result)

    def _as_author(self, proposal: Proposal) -> ContentService:
        return replace(self.service, viewer=Viewer(user_id=proposal.author_id, kind="person"), approved=True)

    def reject(self, item: Content, proposal: Proposal, reason: str) -> None:
        """Not this; its author hears why.

        :raises LifeRefused: where it was decided already, or is the viewer's own.
        """
        self._decide(item, proposal)
        self._close(item, proposal, "rejected", reason)
        self.service.note(item, "rejected", reason=reason)
        self._tell("approval.rejected", item, proposal, {proposal.author_id})

    def withdraw(self, item: Content, proposal: Proposal) -> None:
        """Its author does not want it any more.

        :raises LifeRefused: where it was decided already, or is somebody else's.
        """
        self._lock_both(item, proposal)
        if proposal.author_id != self.viewer.user_id:
            raise LifeRefused(_("Only its author can withdraw it."))
        self._close(item, proposal, "withdrawn", "")

    def _decide(self, item: Content, proposal: Proposal) -> None:
        self._lock_both(item, proposal)
        may = self.may_decide(item, proposal)
        if may == "own":
            raise LifeRefused(_("You wrote this yourself. Somebody else has to look at it."))
        if may == "role":
            raise LifeRefused(_("You may not approve here any more. Ask a manager of the space."))

    def _lock_both(self, item: Content, proposal: Proposal) -> None:
        """Wait for whoever decides at this moment, then see what they decided."""
        self.service._lock(item)
        self.db.refresh(proposal, with_for_update={"of": Proposal})
        if proposal.state != "open":
            raise LifeRefused(_("Somebody else decided this in the meantime."))

    def _close(self, item: Content, proposal: Proposal, state: str, reason: str, version: int | None = None) -> None:
        proposal.state, proposal.reason, proposal.version = state, clean_title(reason), version
        proposal.decided_by_id, proposal.decided_at = self.viewer.user_id, utcnow()
        item.open_proposals = max(item.open_proposals - 1, 0)
        self.db.flush()

    def close_all(self, item: Content, reason: str) -> None:
        """Let nothing wait any more: *item*, which the caller has locked, is a draft again."""
        if item.open_proposals:
            waiting = select(Proposal).where(Proposal.content_id == item.id, Proposal.state == "open")
            for proposal in self.db.scalars(waiting).all():
                self._close(item, proposal, "rejected", reason)
            item.open_proposals = 0

    # -- talking about it ----------------------------------------------------------------------------------------

    def comment(self, item: Content, proposal: Proposal, text: str) -> ProposalComment:
        """Say something about a proposal to its author and whoever else talks about it."""
        require_living(self.db.get(Space, item.space_id))
        made = ProposalComment(
            content_id=item.id, proposal_id=proposal.id, author_id=self.viewer.user_id, text=text[:MAX_COMMENT]
        )
        self.db.add(made)
        self.db.flush()
        spoke = select(ProposalComment.author_id).where(ProposalComment.proposal_id == proposal.id).distinct()
        self._tell(
            "approval.commented", item, proposal, {proposal.author_id, proposal.reviewer_id, *self.db.scalars(spoke)}
        )
        return made

    # -- telling -------------------------------------------------------------------------------------------------

    def _asked(self, item: Content, proposal: Proposal) -> set[int | None]:
        if proposal.reviewer_id is not None:
            return {proposal.reviewer_id}
        roles = approver_roles(policies(self.db, item.type, item.space_id))
        return {row.id for row in people_who_approve(self.db, item.space_id, roles)}

    def _tell(self, kind: str, item: Content, proposal: Proposal, people: set[int | None]) -> None:
        emit(
            self.db,
            kind,
            actor_id=self.viewer.user_id,
            content_id=item.id,
            addressed=people - {self.viewer.user_id},
            details={"proposal": proposal.id},
        )
