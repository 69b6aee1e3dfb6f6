"""Answering the question about a function that one tries."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.rollout import feedback
from plein.rollout.feedback import Asked
from plein.rollout.forms import AnswerForm
from plein.rollout.pages import TEMPLATES
from plein.rollout.titles import about
from plein.security.permissions import SIGNED_IN
from plein.web.forms import parse, typed
from plein.web.i18n import _

PAGE = TEMPLATES + "answer.pt"


@view_config(route_name="rollout.answer", request_method="GET", permission=SIGNED_IN, renderer=PAGE)
def ask(request: Request) -> dict[str, Any]:
    """The question on a page of its own, also for who answered it before."""
    return _page(request, _asked(request), {}, {})


@view_config(route_name="rollout.answer", request_method="POST", permission=SIGNED_IN, renderer=PAGE)
def answer(request: Request) -> Any:
    """A grade and perhaps words; or later; or rather not."""
    asked = _asked(request)
    form, errors = parse(AnswerForm, request.POST)
    if form is not None and form.act == "answer" and form.grade is None:
        errors = {"grade": _("Choose a grade from 1 to 5.")}
    if form is None or errors:
        request.response.status_int = 422
        return _page(request, asked, typed(request.POST), errors)
    user_id = request.viewer.user_id
    if form.act == "later":
        feedback.later(request.db, user_id, asked)
        request.notice(_("You are asked again in a week."), "info")
    elif form.act == "no":
        feedback.decline(request.db, user_id, asked)
        request.notice(_("You are not asked again."), "info")
    elif form.grade is not None:
        feedback.answer(request.db, user_id, asked, form.grade, form.text)
        request.notice(_("Thank you. Your answer is kept without your name in sight."))
    return HTTPSeeOther(request.route_path("home"))


def _asked(request: Request) -> Asked:
    """The question that the address is about.

    :raises HTTPNotFound: where the viewer does not try that function, or nothing is asked about it.
    """
    found = feedback.question_about(request.db, request.reach, str(request.matchdict["name"]))
    if found is None or request.viewer.view_as is not None:
        raise HTTPNotFound()
    return found


def _page(request: Request, asked: Asked, values: dict[str, Any], errors: dict[str, Any]) -> dict[str, Any]:
    return {
        "asked": asked,
        "about": about(request.installed, asked.plugin, request.localizer.translate),
        "values": values,
        "errors": errors,
    }
