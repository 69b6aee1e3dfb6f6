"""Packages of functions, for administrators: the list, changing one; and what people ask for."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.rollout.packages.services import MAX_DESCRIPTION, MAX_TITLE, Package, PackageError, PackageService
from plein.rollout.packages.wishes import Wishes
from plein.rollout.permissions import CHANGE
from plein.rollout.titles import about, titles
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/rollout/packages/packages.pt"
FORM = "plein:templates/rollout/packages/package.pt"
ASKED = "plein:templates/rollout/packages/asked.pt"


class PackageForm(Form):
    """What a package is called, for whom it is, and what is in it."""

    title: Annotated[str, Field(max_length=MAX_TITLE)] = ""
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION)] = ""
    plugins: list[str] = []


@view_config(route_name="admin.packages", request_method="GET", permission=CHANGE, renderer=LIST)
def packages(request: Request) -> dict[str, Any]:
    """All packages."""
    return {
        "packages": PackageService(request.db).all(),
        "titles": titles(request.installed, request.localizer.translate),
    }


@view_config(route_name="admin.packages.new", request_method="GET", permission=CHANGE, renderer=FORM)
def new(request: Request) -> dict[str, Any]:
    """The form for a new package."""
    return _page(request, Package("", ""), {})


@view_config(route_name="admin.packages.new", request_method="POST", permission=CHANGE, renderer=FORM)
def create(request: Request) -> Any:
    """Make a package."""
    return _save(request, Package("", ""))


@view_config(route_name="admin.packages.change", request_method="GET", permission=CHANGE, renderer=FORM)
def edit(request: Request) -> dict[str, Any]:
    """The form of a package."""
    return _page(request, _package(request), {})


@view_config(route_name="admin.packages.change", request_method="POST", permission=CHANGE, renderer=FORM)
def change(request: Request) -> Any:
    """Change a package. What a space chose already stays there."""
    return _save(request, _package(request))


@view_config(route_name="admin.packages.remove", request_method="POST", permission=CHANGE)
def remove(request: Request) -> HTTPSeeOther:
    """Remove a package; the notice makes it again, without its spaces."""
    package = _package(request)
    PackageService(request.db).remove(package)
    values = {"title": package.title, "description": package.description, "plugins": list(package.plugins)}
    undo = {"url": request.route_path("admin.packages.new"), "values": values} if not package.spaces else None
    name = {"name": package.title}
    request.notice(_("${name} is gone. Its spaces keep the functions that they have.", mapping=name), "done", undo)
    return HTTPSeeOther(request.route_path("admin.packages"))


@view_config(route_name="admin.packages.asked", request_method="GET", permission=CHANGE, renderer=ASKED)
def asked(request: Request) -> dict[str, Any]:
    """What people ask for, by department."""
    rows = [
        (about(request.installed, one.plugin, request.localizer.translate), one)
        for one in Wishes(request.db, request.viewer).all()
    ]
    return {"rows": rows}


def _package(request: Request) -> Package:
    found = PackageService(request.db).get(request.matchdict["package"])
    if found is None:
        raise HTTPNotFound()
    return found


def _save(request: Request, package: Package) -> Any:
    form, errors = parse(PackageForm, request.POST)
    shown = package
    if form is not None:
        shown = replace(package, title=form.title, description=form.description, plugins=tuple(form.plugins))
        try:
            # Only what is there, or was in it already: a package outlives a plugin that is away for a while.
            known = titles(request.installed, request.localizer.translate).keys() | set(package.plugins)
            PackageService(request.db).save(replace(shown, plugins=tuple(sorted(known & set(form.plugins)))))
        except PackageError as error:
            errors = {error.field: error.sentence}
        else:
            request.notice(_("Saved."))
            return HTTPSeeOther(request.route_path("admin.packages"))
    else:
        kept = typed(request.POST)
        shown = replace(package, title=kept.get("title", ""), description=kept.get("description", ""))
    request.response.status_code = 422
    return _page(request, package, errors, shown)


def _page(request: Request, package: Package, errors: Errors, shown: Package | None = None) -> dict[str, Any]:
    known = titles(request.installed, request.localizer.translate)
    options = {
        **known,
        **{name: about(request.installed, name, request.localizer.translate).title for name in package.plugins},
    }
    return {
        "package": package,
        "shown": shown or package,
        "errors": errors,
        "options": sorted(options.items(), key=lambda one: one[1].casefold()),
    }
