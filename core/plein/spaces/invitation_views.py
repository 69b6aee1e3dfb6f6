"""Pages of invitations: for managers, who make and take them back, and for whoever is invited."""

from typing import Any

from pyramid.httpexceptions import HTTPGone, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.mail import can_send, send
from plein.people.entering import enter
from plein.people.models import User
from plein.security.limits import limit
from plein.security.permissions import PUBLIC, SIGNED_IN
from plein.spaces import words
from plein.spaces.answering import Shown, answer, by_token, by_uid, show
from plein.spaces.answers import address, refused
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import Gone, NotAllowed, SpaceError
from plein.spaces.forms import InviteForm
from plein.spaces.invitations import Invitations, Invited, Terms
from plein.spaces.permissions import MEMBERS
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/spaces/invitations.pt"
ANSWER = "plein:templates/spaces/invitation.pt"


def _invitations(context: SpaceContext, request: Request) -> Invitations:
    values = request.plein
    terms = Terms(values["plein.invitation_days"], values["plein.guest_days"], values["plein.guest_invitations"])
    return Invitations(request.db, request.viewer, context.space, terms)


@view_config(route_name="space.invitations", request_method="GET", permission=MEMBERS, renderer=PAGE)
def invitations(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Who is invited and has not answered, and a form to invite somebody."""
    return _page(context, request, {"role": "member"}, {})


@view_config(route_name="space.invitations", request_method="POST", permission=MEMBERS, renderer=PAGE)
def invite(context: SpaceContext, request: Request) -> Any:
    """Invite somebody."""
    limit(request, "invitation")
    form, errors = parse(InviteForm, request.POST)
    if form is not None:
        try:
            made = _invitations(context, request).invite(form.who, form.role, form.note)
        except NotAllowed as error:
            refused(request, error)
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            return _told(context, request, made)
    request.response.status_code = 422
    return _page(context, request, typed(request.POST), errors)


@view_config(route_name="space.invitation_renew", request_method="POST", permission=MEMBERS, renderer=PAGE)
def renew(context: SpaceContext, request: Request) -> Any:
    """Send an invitation again; it lasts anew."""
    limit(request, "invitation")
    try:
        made = _invitations(context, request).renew(int(request.matchdict["invitation"]))
    except SpaceError as error:
        refused(request, error)
        return HTTPSeeOther(address(context, request, "space.invitations"))
    return _told(context, request, made)


@view_config(route_name="space.invitation_revoke", request_method="POST", permission=MEMBERS)
def revoke(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Take an invitation back."""
    try:
        _invitations(context, request).revoke(int(request.matchdict["invitation"]))
    except SpaceError as error:
        refused(request, error)
    else:
        request.notice(_("The invitation is taken back."))
    return HTTPSeeOther(address(context, request, "space.invitations"))


def _told(context: SpaceContext, request: Request, made: Invited) -> Any:
    """Tell whoever is invited by mail; without a mail server the manager gets the link of a new guest, this once."""
    if made.token:
        page = request.route_path("invitation.by_mail", token=made.token)
    else:
        page = request.route_path("invitation", uid=made.invitation.uid)
    link = request.plein["plein.base_url"].rstrip("/") + page
    names = {"who": request.viewer.name, "space": context.space.name}
    if made.user.email and can_send(request.plein):
        send(
            request.db,
            to=made.user.email,
            subject=_("${who} invites you to ${space}", mapping=names),
            template="plein:templates/mail/space_invitation.pt",
            values={
                **names,
                "note": made.invitation.note,
                "address": link,
            },
            locale=made.user.locale or request.plein["plein.default_locale"],
            until=made.invitation.expires_at,
        )
    elif made.token:
        return _page(context, request, {"role": "member"}, {}, link=link, name=made.user.name)
    request.notice(_("${name} is invited.", mapping={"name": made.user.name}))
    return HTTPSeeOther(address(context, request, "space.invitations"))


@view_config(route_name="invitation", request_method="GET", permission=SIGNED_IN, renderer=ANSWER)
def show_invitation(request: Request) -> dict[str, Any]:
    """The invitation of whoever is signed in."""
    shown = show(request.registry["plein.engine"], by_uid(request.matchdict["uid"], request.viewer.user_id))
    if shown is None:
        raise HTTPNotFound()
    return {"shown": shown, "words": words, "by_mail": False}


@view_config(route_name="invitation", request_method="POST", permission=SIGNED_IN)
def answer_invitation(request: Request) -> HTTPSeeOther:
    """Accept or decline."""
    which = by_uid(request.matchdict["uid"], request.viewer.user_id)
    try:
        given = _answer(request, which)
    except Gone as error:
        raise HTTPNotFound() from error
    name = {"name": given.space}
    if not _accepts(request):
        request.notice(_("You declined the invitation to ${name}.", mapping=name))
        return HTTPSeeOther(request.route_path("home"))
    request.notice(_("You are now a member of ${name}.", mapping=name))
    return HTTPSeeOther(request.route_path("space.home", space=given.slug))


@view_config(route_name="invitation.by_mail", request_method="GET", permission=PUBLIC, renderer=ANSWER)
def show_mailed(request: Request) -> dict[str, Any]:
    """What the link in a mail opens: a page with two buttons. Mail scanners open links too, so nothing happens yet."""
    shown = show(request.registry["plein.engine"], by_token(request.matchdict["token"]))
    if shown is None:
        raise _old()
    return {"shown": shown, "words": words, "by_mail": shown.is_new}


@view_config(route_name="invitation.by_mail", request_method="POST", permission=PUBLIC)
def answer_mailed(request: Request) -> Any:
    """Accept, which signs the guest in, or decline."""
    try:
        given = _answer(request, by_token(request.matchdict["token"]))
    except Gone as error:
        raise _old() from error
    if not _accepts(request):
        request.notice(_("You declined the invitation to ${name}.", mapping={"name": given.space}))
        return HTTPSeeOther(request.route_path("sign_in"))
    home = request.route_path("space.home", space=given.slug)
    if not given.is_new:
        # Whoever has signed in before does so again: the mail is no key to an account.
        return HTTPSeeOther(home)
    return enter(request, request.db.get_one(User, given.user_id), home, method="link")


def _answer(request: Request, which: tuple[Any, ...]) -> Shown:
    # In a transaction of its own: the request's session has written nothing, and holds no lock.
    return answer(request.registry["plein.engine"], which, _accepts(request), request.address)


def _accepts(request: Request) -> bool:
    return bool(request.POST.get("answer") == "accept")


def _old() -> HTTPGone:
    return HTTPGone(_("This invitation does not work any more: it was answered, taken back, or too old."))


def _page(
    context: SpaceContext, request: Request, values: dict[str, Any], errors: Errors, link: str = "", name: str = ""
) -> dict[str, Any]:
    return {
        "space": context.space,
        "values": values,
        "errors": errors,
        "waiting": _invitations(context, request).waiting(),
        "guests": request.plein["plein.guest_invitations"],
        "link": link,
        "name": name,
        "words": words,
    }
