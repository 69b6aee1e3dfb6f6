"""The contract with plugins: every hook, typed and documented. ``python -m plein.hookspecs`` writes docs/hooks.md.

Names follow one grammar: ``register_`` declares at start, ``_items`` and ``_actions`` add to a page, ``on_`` takes
part in a transaction, ``after_`` reacts when it is stored. ``authenticate`` and ``sign_out_address`` stand for
themselves: the first answer wins.
"""

# mypy: disable-error-code="empty-body"

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

import pluggy
from pyramid.request import Request
from sqlalchemy.orm import Session

from plein.contributions import (
    Action,
    Block,
    ContentChange,
    ContentType,
    ErasedPerson,
    Identity,
    Job,
    NavigationItem,
    NotificationType,
    Permission,
    PersonalData,
    Setting,
    SignInMethod,
)
from plein.directories import DirectorySource
from plein.settings import Settings

hookspec = pluggy.HookspecMarker("plein")
hookimpl = pluggy.HookimplMarker("plein")

#: Places of a page that ``page_items`` is asked for.
SLOTS = (
    "home.main",
    "home.side",
    "space.main",
    "space.side",
    "content.banner",
    "content.meta",
    "content.below",
    "content.side",
    "form.side",
    "search.side",
    "group.main",
    "person.main",
    "admin.status",
)


@hookspec
def register_content_types() -> list[ContentType]:
    """Declare the kinds of items that the plugin brings.

    Core makes for each: pages to list, show, write, compare and print it, permissions, versions, attachments,
    links and search.

    Called: once, when the application starts, by the application.
    Transaction: none; there is no database yet.
    Failure: stops the start with a sentence.
    Since: 1.0

    Example::

        @hookimpl
        def register_content_types():
            return [ContentType("wiki.page", _("Page"), _("Pages"), path="wiki", model=WikiPage)]
    """


@hookspec
def register_permissions() -> list[Permission]:
    """Declare permissions beyond those that every content type has.

    Each gets a line in the administrators' table of permissions. Views name it: ``permission="wiki.export"``.

    Called: once, when the application starts, by the application.
    Transaction: none; there is no database yet.
    Failure: stops the start with a sentence.
    Since: 1.0

    Example::

        @hookimpl
        def register_permissions():
            return [Permission("wiki.export", _("Export the wiki"), roles=("manager",))]
    """


@hookspec
def register_settings() -> list[Setting]:
    """Declare what may stand in the configuration file and the environment about the plugin.

    The values are in ``request.plein["wiki.depth"]``, and in ``config.registry["plein.settings"]`` for ``includeme``.
    Where ``each`` names a setting that is a list, there is one for each word in it: ``oidc.*.issuer`` becomes
    ``oidc.work.issuer`` and ``oidc.school.issuer`` where ``oidc.providers = work school``.

    Called: once, when the application starts, by the application, before any setting is read.
    Transaction: none; there is no database yet.
    Failure: stops the start with a sentence.
    Since: 1.0

    Example::

        @hookimpl
        def register_settings():
            return [Setting("wiki.depth", int, 4, "How deep the tree of pages is shown, in levels.", minimum=1)]
    """


@hookspec
def register_jobs() -> list[Job]:
    """Declare work that is done later, outside of a request.

    What asks for it writes a row in its own transaction, with ``enqueue(db, "wiki.make_index", {"space": 5})``; the
    arguments are JSON. The job runs as the person who asked, with the rights that this person has by then. It may run
    again after a failure or a crash: a second time must do no harm.

    Called: once, when the application starts, by the application.
    Transaction: none; there is no database yet. The job itself opens sessions with ``context.session()``.
    Failure: stops the start with a sentence. A job that fails is tried again, and then given up: administrators see it.
    Since: 1.0

    Example::

        @hookimpl
        def register_jobs():
            return [Job("wiki.make_index", make_index, _("Make the index of the wiki"), every=timedelta(days=1))]
    """


@hookspec
def register_notifications() -> list[NotificationType]:
    """Declare what people can be told of. What happened is said with ``emit`` in the transaction in which it happened.

    Core finds out whom it concerns, asks each person's own choices and rights, and shows it in the inbox and in mail. A
    sentence may name ``${actor}``, ``${title}``, ``${space}``, and what ``emit`` was given as ``details``; among these
    ``path`` is where the message leads, where that is not the item or its space.

    Called: once, when the application starts, by the application.
    Transaction: none; there is no database yet.
    Failure: stops the start with a sentence.
    Since: 1.0

    Example::

        @hookimpl
        def register_notifications():
            return [NotificationType("wiki.split", _("A page is split"), _("${actor} split ${title}"), icon="scissors")]
    """


@hookspec
def register_sign_in_methods(settings: Settings) -> list[SignInMethod]:
    """Declare ways to sign in, each a button on the page to sign in, with the rules for whoever comes by it.

    The way itself is pages of the plugin, that end with ``plein.api.enter_identity``.

    Called: once, when the application starts, by the feature of people. The settings are known by then.
    Transaction: none; there is no database yet.
    Failure: stops the start with a sentence.
    Since: 1.0

    Example::

        @hookimpl
        def register_sign_in_methods(settings):
            if not settings["work.issuer"]:
                return []
            return [SignInMethod("work", _("Sign in with your work account"), "login", "work.start", creates=True)]
    """


@hookspec
def register_directory_sources(settings: Settings) -> list[DirectorySource]:
    """Declare directories that people and groups are read from, such as LDAP or SCIM.

    ``read(context)`` gives ``PersonRecord`` and ``GroupRecord`` one after another: all there are, because whoever is
    missing has left. Core compares, reports, and closes no more accounts at once than an administrator allows. What a
    source cannot read it raises, or says with ``context.refuse(sentence)``; then nothing changes.

    Called: by the job, the page and the command that read sources. The settings are known by then.
    Transaction: none; ``read`` is called before one begins, and may be slow.
    Failure: stops what asked for it. A source that cannot be read changes nothing, and its run says why.
    Since: 1.0

    Example::

        @hookimpl
        def register_directory_sources(settings):
            return [DirectorySource("ldap", _("Staff in LDAP"), read_staff, every=timedelta(hours=4))]
    """


@hookspec
def authenticate(request: Request) -> Identity | None:
    """Say who somebody is by what the request itself carries, without asking them anything; or nothing.

    The first answer wins. It is asked of who has not signed in yet and comes to sign in; never on other pages.

    Called: at ``/sign-in/sso``, by the feature of people.
    Transaction: none yet; the request's session would begin it, so do not use that.
    Failure: logged as an error; the form to sign in is shown. A failing plugin is never left out here.
    Since: 1.0

    Example::

        @hookimpl
        def authenticate(request):
            name = request.environ.get("SSL_CLIENT_S_DN_CN")
            return Identity("card", name, login=name, name=name, strong=True) if name else None
    """


@hookspec
def register_personal_data() -> list[PersonalData]:
    """Declare what the plugin's tables keep about people: every column that refers to a user must be in one of them.

    The register of processing is made of it, and so is what people get when they ask for their data; and when somebody
    is erased, their rows are deleted, unlinked or kept, as it says.

    Called: once, when the application starts, by the application.
    Transaction: none; there is no database yet.
    Failure: stops the start with a sentence.
    Since: 1.0

    Example::

        @hookimpl
        def register_personal_data():
            return [PersonalData("wiki_star", ("user_id",), _("Pages you marked"), "interest", _("A year"))]
    """


@hookspec
def sign_out_address(request: Request, provider: str, session: str) -> str | None:
    """Say where somebody goes who signs out here and may still be signed in elsewhere: a page that tells them so.

    The provider is the name of the ``SignInMethod`` by which the session came, the session what it is called there.

    Called: when somebody signs out whose session came by a provider, by the feature of people, before it ends.
    Transaction: that of the request, for writing.
    Failure: logged as an error; the page to sign in is shown. A failing plugin is never left out here.
    Since: 1.0

    Example::

        @hookimpl
        def sign_out_address(request, provider, session):
            return request.route_path("work.signed_out") if provider == "work" else None
    """


@hookspec
def navigation_items(request: Request) -> list[NavigationItem]:
    """Add entries to the main navigation, for the viewer of this request.

    Called: for every full page, by the layout.
    Transaction: that of the request, for reading; write nothing. Each statement counts in the page's budget.
    Failure: logged and counted; the page is shown without these entries.
    Since: 1.0

    Example::

        @hookimpl
        def navigation_items(request):
            return [NavigationItem(_("Hello"), request.route_path("hello.page"), icon="mood-smile")]
    """


@hookspec
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    """Add blocks to a place in a page.

    The slots are ``home.main`` and ``home.side``; ``space.main`` and ``space.side``; at an item ``content.banner``
    (above the text, without a heading), ``content.meta`` (in the line of who and when, without a heading),
    ``content.below`` and ``content.side``; ``form.side`` beside the form of an item; ``search.side``; ``group.main``,
    ``person.main``; and ``admin.status``, on the overview of administration.
    The context is that of the page: in a space it has ``.space``, at an item also ``.item`` and ``.type``; on the page
    of a group it is the group, and of a person it has their ``.id`` and ``.login``; elsewhere it is ``None``.

    Called: once for each slot of a page, by the view of that page.
    Transaction: that of the request, for reading; write nothing. Each statement counts in the page's budget.
    Failure: logged and counted; the page is shown without these blocks.
    Since: 1.0

    Example::

        @hookimpl
        def page_items(request, slot, context):
            if slot != "space.side":
                return []
            pages = recent_pages(request.db, context.space)
            return [Block(_("Recent pages"), "plein_wiki:templates/recent.pt", {"pages": pages})]
    """


@hookspec
def content_actions(request: Request, item: Any) -> list[Action]:
    """Add things to do to the page of an item. Ask ``request.has_permission`` for those that need it.

    Called: once for each page of an item, by that page's view.
    Transaction: that of the request, for reading; write nothing. Each statement counts in the page's budget.
    Failure: logged and counted; the page is shown without these actions.
    Since: 1.0

    Example::

        @hookimpl
        def content_actions(request, item):
            if item.type != "wiki.page":
                return []
            return [Action(_("Export"), request.route_path("wiki.export", uid=item.uid), icon="download")]
    """


@hookspec
def on_content_changed(db: Session, change: ContentChange) -> None:
    """Take part in a change of an item: write what must be stored, or not, together with it.

    What is raised undoes what this hook wrote, and nothing else. To commit, roll back or close the session is refused.
    Slow work and mail do not belong here: see ``after_content_changed``.

    Called: after each change, when it has been flushed, by the content service.
    Transaction: that of the change, in a savepoint of its own.
    Failure: logged and counted; the change itself goes through.
    Since: 1.0

    Example::

        @hookimpl
        def on_content_changed(db, change):
            if change.item.type == "wiki.page" and change.action == "moved":
                reorder(db, change.item)
    """


@hookspec
def after_content_changed(db: Session, change: ContentChange) -> None:
    """React to a change of an item when it is stored: tell people, make a thumbnail, call another system.

    ``change.item`` is the item as it is by then, for the person who did it; what happened by itself is told to whoever
    looks after the item. What is deleted for good, or hidden from them meanwhile, is not told. It may be called again
    after a crash: a second time must do no harm.

    Called: by a job, soon after the transaction of the change has committed. Never where it rolled back.
    Transaction: one of its own, for writing, with that person as viewer; each plugin in a savepoint.
    Failure: logged and counted; the change stays, and other plugins react.
    Since: 1.0

    Example::

        @hookimpl
        def after_content_changed(db, change):
            if change.action == "published":
                emit(db, "greeter.first", actor_id=change.actor.user_id, content_id=change.item.id)
    """


@hookspec
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    """Take part in erasing a person: forget what ``register_personal_data`` cannot say, such as a name in a text.

    The account itself and the declared tables are the core's work. Does nothing when there is nothing left to forget:
    after a restore of a backup it is called again.

    Called: when an administrator erases a person, and by ``plein privacy replay``.
    Transaction: that of the erasure, which sees everything, in a savepoint of its own.
    Failure: logged and counted. The person is erased, and administrators are told that the plugin did not take part.
    Since: 1.0

    Example::

        @hookimpl
        def on_user_erased(db, person):
            replace_mentions(db, person.login, person.pseudonym)
    """


@hookspec
def on_user_exported(db: Session, export: Any) -> None:
    """Add to what a person gets who asks for their data, beyond the declared tables and their own texts.

    ``export.user_id`` is the person; ``export.add(name, title, rows)`` adds a table of dictionaries, and
    ``export.add_file(path, source)`` a file. Add what is about this person only.

    Called: by the job that makes the export.
    Transaction: for reading, with the person as viewer: what they may not see is not there.
    Failure: logged and counted; the export says that the plugin's part is missing.
    Since: 1.0

    Example::

        @hookimpl
        def on_user_exported(db, export):
            export.add("wiki_places", _("Places of your pages"), places(db, export.user_id))
    """


Kind = Literal["declare", "show", "take part", "react", "replace"]

#: Hooks of which the first answer wins.
_REPLACE = ("authenticate", "sign_out_address")


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook as ``plugins.call`` needs it.

    :param arguments: the names that a caller gives, and an implementation may ask for.
    :param item_type: the class of what is returned, in a list except where the first answer wins; ``None`` for a hook
        that returns nothing.
    """

    name: str
    kind: Kind
    arguments: tuple[str, ...]
    item_type: type | None
    function: Callable[..., Any]


def _kind(name: str) -> Kind:
    if name.startswith("register_"):
        return "declare"
    if name in _REPLACE:
        return "replace"
    if name.startswith("after_"):
        return "react"
    return "take part" if name.startswith("on_") else "show"


def _hook(function: Callable[..., Any]) -> Hook:
    name = function.__name__
    returned = get_args(get_type_hints(function)["return"])
    arguments = tuple(inspect.signature(function).parameters)
    return Hook(name, _kind(name), arguments, returned[0] if returned else None, function)


#: Every hook, in the order of this file.
HOOKS: dict[str, Hook] = {
    name: _hook(function)
    for name, function in list(globals().items())
    if inspect.isfunction(function) and hasattr(function, "plein_spec")
}

_KIND_TITLES: dict[Kind, str] = {
    "declare": "Declare: once, at start",
    "show": "Show: for a page",
    "take part": "Take part: inside a transaction",
    "react": "React: when it is stored",
    "replace": "Replace: the first answer wins",
}


def document() -> str:
    """The text of docs/hooks.md: every hook with its signature and docstring."""
    lines = [
        "# Hooks",
        "",
        "Written by `python -m plein.hookspecs > docs/hooks.md` from `core/plein/hookspecs.py`; change it there.",
        "",
        "A plugin implements a hook with a function of the same name marked `@hookimpl`, in its package's",
        "`__init__.py`. It may leave out arguments that it does not use. Implementations run apart, in the order of",
        "the plugin's `weight` (a whole number in its package, 0 by default), then of its name. A plugin that fails",
        "ten times in five minutes is paused for everybody, until an administrator resumes it: its hooks are left",
        "out, but not its pages and its ways to sign in. A hook that hangs is ended after some seconds; see ADR 0030.",
    ]
    for kind, title in _KIND_TITLES.items():
        lines += ["", f"## {title}"]
        if kind == "show":
            lines += ["", "![Where the slots of pages are](images/slots.svg)"]
        for hook in HOOKS.values():
            if hook.kind == kind:
                lines += ["", *_document_hook(hook)]
    return "\n".join(lines) + "\n"


def _document_hook(hook: Hook) -> list[str]:
    returned = f"list[{hook.item_type.__name__}]" if hook.item_type else "None"
    if hook.kind == "replace" and hook.item_type:
        returned = f"{hook.item_type.__name__} | None"
    prose, example = inspect.cleandoc(hook.function.__doc__ or "").split("\nExample::\n")
    lines = [f"### {hook.name}", "", f"`{hook.name}({', '.join(hook.arguments)}) -> {returned}`", ""]
    for line in prose.strip().splitlines():
        word, colon, rest = line.partition(": ")
        is_fact = colon and word in ("Called", "Transaction", "Failure", "Since")
        lines.append(f"- **{word}:** {rest}" if is_fact else line.replace("``", "`"))
    return [*lines, "", "```python", *inspect.cleandoc(example).splitlines(), "```"]


if __name__ == "__main__":
    sys.stdout.write(document())
