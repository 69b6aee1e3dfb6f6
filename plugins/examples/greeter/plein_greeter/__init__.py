"""The greeter: managers of a space hear of somebody's first contribution, and Start names who is new."""

from datetime import timedelta

from plein.api import (
    Block,
    Job,
    NotificationType,
    PersonalData,
    Setting,
    enqueue,
    hookimpl,
    translation_factory,
    utcnow,
)
from plein_greeter.greeting import greet, is_known, newcomers

_ = translation_factory("plein_greeter")

title = _("Welcoming newcomers")
summary = _("Managers of a space hear of somebody's first contribution, and Start names who is new")

#: What is taken back within this time is not told.
PATIENCE = timedelta(minutes=5)


@hookimpl
def after_content_changed(db, change):
    item = change.item
    if change.action not in ("created", "published") or item.state != "published" or item.author_id is None:
        return
    if not is_known(db, item.space_id, item.author_id):
        asked = {"space": item.space_id, "person": item.author_id}
        key = f"greeter {item.space_id} {item.author_id}"
        enqueue(db, "greeter.greet", asked, key=key, run_at=utcnow() + PATIENCE, user_id=item.author_id)


@hookimpl
def register_jobs():
    return [Job("greeter.greet", greet, _("Tell managers of a first contribution"))]


@hookimpl
def register_notifications():
    title = _("Somebody contributes to a space of yours for the first time")
    sentence = _("First contribution of ${actor}: ${title}")
    return [NotificationType("greeter.first", title, sentence, icon="mood-smile", why=_("You manage this space"))]


@hookimpl
def register_settings():
    text = "For how many weeks Start names somebody who contributed for the first time; 0 for never."
    return [Setting("greeter.weeks", int, 4, text, minimum=0, maximum=52)]


@hookimpl
def register_personal_data():
    purpose = _("That you contributed to a space, so that you are greeted once")
    columns = ("user_id", "space_id", "content_id", "at")
    return [PersonalData("greeter_first", columns, purpose, "interest", _("As long as you have an account"))]


@hookimpl
def page_items(request, slot, context):
    weeks = request.plein["greeter.weeks"]
    found = newcomers(request.db, since=utcnow() - timedelta(weeks=weeks)) if slot == "home.side" and weeks else []
    return [Block(_("New here"), "plein_greeter:templates/newcomers.pt", {"rows": found})] if found else []
