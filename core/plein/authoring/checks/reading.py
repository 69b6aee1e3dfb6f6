"""Checks of what a plugin's files say: they need no rows."""

import ast
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from pyramid.interfaces import IRoutesMapper

from plein.authoring.catalogues import Package, WordError, check
from plein.authoring.checks.result import Outcome, judged
from plein.authoring.checks.trial import Trial
from plein.plugins.distributions import distribution, requirements
from plein.security.permissions import BUILT_IN
from plein.web.templating import icon_names

#: What a plugin may import beside the standard library and what it declares. Migrations speak Alembic.
_ALWAYS = frozenset({"pyramid", "sqlalchemy"})


def readme(trial: Trial) -> Outcome:
    """A README in the distribution, that a page of administration can show."""
    text = distribution(trial.info.distribution).readme
    remedy = 'Write README.md, and readme = "README.md" in pyproject.toml; then install it again.'
    return judged([] if text.strip() else ["there is no README in it"], f"{len(text.split())} words", remedy)


def icons(trial: Trial) -> Outcome:
    """Icons of the set: for another name a dot is shown."""
    plugins, mine = trial.plugins, f"{trial.name}."
    declared = (*plugins.content_types.values(), *plugins.notifications.values())
    named = {one.name: one.icon for one in declared if one.name.startswith(mine) and one.icon}
    wrong = [f"{name} has the icon {icon}" for name, icon in named.items() if icon not in icon_names()]
    return judged(wrong, f"{len(named)} icons of the set", "Choose a name that is shown at /admin/style.")


def floors(trial: Trial) -> Outcome:
    """Imports of ``plein.api``, Pyramid, SQLAlchemy, the standard library and declared dependencies; nothing else."""
    allowed = _ALWAYS | _declared_packages(trial) | {f"plein_{trial.name}"}
    wrong, files = [], 0
    for path in sorted(trial.folder.rglob("*.py")):
        files += 1
        own = {"alembic"} if "migrations" in path.parts else set()
        wrong += [
            f"{path.relative_to(trial.folder)} imports {name}"
            for name in sorted(imports(path))
            if not _may_import(name, allowed | own)
        ]
    remedy = "Import what plein.api has, or declare the package in pyproject.toml."
    return judged(wrong, f"{files} files import what they may", remedy)


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module == "plein":
            found |= {f"plein.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found


def _may_import(name: str, allowed: set[str] | frozenset[str]) -> bool:
    top = name.partition(".")[0]
    if top == "plein":
        return name == "plein.api"
    if top.startswith("plein_") and top in allowed and name != top and not name.startswith(f"{top}."):
        return False
    return top in sys.stdlib_module_names or top in allowed


def _declared_packages(trial: Trial) -> set[str]:
    """The modules of the distributions that the plugin says it needs."""
    # What an extra asks for is declared as well.
    wanted = {canonicalize_name(one.name) for one in requirements(distribution(trial.info.distribution).requires)}
    return {
        module
        for module, distributions in importlib.metadata.packages_distributions().items()
        if module != "plein" and wanted & {canonicalize_name(one) for one in distributions}
    }


def words(trial: Trial) -> Outcome:
    """Every word of its pages in Dutch and English, and compiled."""
    package = Package(trial.folder.name, trial.folder, trial.folder.parent)
    remedy = f"Run `plein plugin words {trial.name}`, and fill in the .po file that it names."
    try:
        package.collect()
    except WordError as error:
        return "failed", str(error), "Write that text as i18n:translate, or as _('…')."
    if not package.found:
        return "kept", "it has no words marked to translate"
    return judged((one.rstrip(".") for one in check(package)), f"{len(package.found)} words", remedy)


def permissions(trial: Trial) -> Outcome:
    """A permission that exists on every view; what is public is counted aloud."""
    found = views_of(trial)
    wrong = [
        f"{method} {route} has the permission {word!r}"
        for (method, route), word in sorted(found.items())
        if word not in BUILT_IN and word not in trial.plugins.permissions
    ]
    public = sum(1 for word in found.values() if word == "__no_permission_required__")
    kept = f"{len(found)} views" + (f", {public} of them for everybody, signed in or not" if public else "")
    return judged(wrong, kept, "Register the permission, or use SIGNED_IN, ADMIN or PUBLIC of plein.api.")


def views_of(trial: Trial) -> dict[tuple[str, str], str]:
    """All (method, route) of the plugin, those of its content types included, with the permission of the view."""
    return dict(_views(trial.app.registry.introspector, f"{trial.name}."))


def _views(introspector: Any, prefix: str) -> Iterator[tuple[tuple[str, str], str]]:
    for entry in introspector.get_category("views", default=()):
        view, route = entry["introspectable"], entry["introspectable"].get("route_name")
        if route is None or not route.startswith(prefix):
            continue
        methods = view.get("request_methods") or introspector.get("routes", route)["request_methods"] or ("GET",)
        word = next((str(one["value"]) for one in entry["related"] if one.category_name == "permissions"), "")
        for method in [methods] if isinstance(methods, str) else methods:
            if method not in ("HEAD", "OPTIONS"):
                yield (method, route), word


def patterns_of(trial: Trial) -> dict[str, str]:
    """The address of each of the plugin's routes, with its holes."""
    mapper = trial.app.registry.getUtility(IRoutesMapper)
    routes = mapper.get_routes(include_static=True)
    return {route.name: route.pattern for route in routes if route.name.startswith(f"{trial.name}.")}
