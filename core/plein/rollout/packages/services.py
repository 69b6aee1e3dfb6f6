"""The rules of packages: putting them together, giving them to spaces, and choosing from them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.ladder import ladder_of
from plein.ladder.changing import choose
from plein.ladder.rungs import Rung
from plein.plugins import Plugins
from plein.rollout.packages.models import FunctionPackage, FunctionPackagePlugin, SpacePackage
from plein.rollout.packages.words import HERE, MAY, NOT_IN_PACKAGE, State, state_of
from plein.security.viewer import Viewer
from plein.web.i18n import _
from plein.web.slugs import slugify

MAX_TITLE, MAX_DESCRIPTION = 60, 300


class PackageError(Exception):
    """A package that cannot be so: the field, and a sentence for whoever filled it in."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


@dataclass(frozen=True, slots=True)
class Package:
    """A package with what is in it.

    :param spaces: how many spaces have it.
    """

    slug: str
    title: str
    description: str = ""
    plugins: tuple[str, ...] = ()
    spaces: int = field(default=0, compare=False)
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """A function as the managers of a space find it.

    :param state: where it stands for this space.
    :param can_change: whether they may choose it, or decide to do without it.
    """

    plugin: str
    state: State
    can_change: bool


class PackageService:
    """Packages, as administrators keep them. Who may the views' permission says."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def all(self) -> list[Package]:
        """By title; in three statements."""
        rows = self.db.scalars(select(FunctionPackage).order_by(func.lower(FunctionPackage.title), FunctionPackage.id))
        inside: defaultdict[int, list[str]] = defaultdict(list)
        for number, plugin in self.db.execute(
            select(FunctionPackagePlugin.package_id, FunctionPackagePlugin.plugin).order_by(
                FunctionPackagePlugin.plugin
            )
        ):
            inside[number].append(plugin)
        spaces = select(SpacePackage.package_id, func.count()).group_by(SpacePackage.package_id)
        counted = dict(self.db.execute(spaces).all())
        return [
            Package(row.slug, row.title, row.description, tuple(inside[row.id]), counted.get(row.id, 0), row.id)
            for row in rows
        ]

    def get(self, slug: str) -> Package | None:
        """The package in this address."""
        return next((one for one in self.all() if one.slug == slug), None)

    def save(self, package: Package) -> Package:
        """Store a package, new where its slug is empty.

        :raises PackageError: for one without a title, with the title of another, or without functions.
        """
        row = self.db.scalar(select(FunctionPackage).where(FunctionPackage.slug == package.slug))
        self._check(package, row)
        if row is None:
            row = FunctionPackage(slug=self._free_slug(package.title))
            self.db.add(row)
        row.title, row.description = package.title, package.description
        self.db.flush()
        self.db.execute(delete(FunctionPackagePlugin).where(FunctionPackagePlugin.package_id == row.id))
        self.db.add_all(FunctionPackagePlugin(package_id=row.id, plugin=one) for one in sorted(set(package.plugins)))
        self.db.flush()
        record(self.db, "package.saved", "function_package", row.id, package=row.slug, plugins=sorted(package.plugins))
        return Package(row.slug, row.title, row.description, tuple(sorted(set(package.plugins))), id=row.id)

    def remove(self, package: Package) -> None:
        """Away with a package. Its spaces keep the functions that they chose, and choose from all from now on."""
        self.db.execute(delete(FunctionPackage).where(FunctionPackage.id == package.id))
        record(self.db, "package.removed", "function_package", package.id, package=package.slug, spaces=package.spaces)

    def give(self, space_id: int, package: Package | None) -> None:
        """Let the managers of a space choose from *package*, or with ``None`` from all that may be chosen."""
        self.db.execute(delete(SpacePackage).where(SpacePackage.space_id == space_id))
        if package is not None:
            self.db.add(SpacePackage(space_id=space_id, package_id=package.id))
        self.db.flush()
        record(self.db, "package.given", "space", space_id, package=package.slug if package else "")

    def of_space(self, space_id: int) -> Package | None:
        """The package that a space has."""
        number = self.db.scalar(select(SpacePackage.package_id).where(SpacePackage.space_id == space_id))
        return next((one for one in self.all() if one.id == number), None) if number is not None else None

    def _check(self, package: Package, row: FunctionPackage | None) -> None:
        if not package.title.strip():
            raise PackageError("title", _("Give it a name that people know it by."))
        same = select(FunctionPackage.id).where(func.lower(FunctionPackage.title) == package.title.lower())
        taken = self.db.scalar(same if row is None else same.where(FunctionPackage.id != row.id))
        if taken is not None:
            raise PackageError("title", _("There is a package with this name already."))
        if not package.plugins:
            raise PackageError("plugins", _("Choose at least one function."))

    def _free_slug(self, title: str) -> str:
        taken = set(self.db.scalars(select(FunctionPackage.slug)))
        base = slugify(title)[:40].strip("-") or "package"
        return next(one for one in (base, *(f"{base}-{number}" for number in range(2, 1000))) if one not in taken)


#: What a plugin that does something in a space implements: any of these. One for signing in, or for the house style,
#: is nobody's choice.
_IN_SPACES = ("register_content_types", "page_items", "content_actions", "on_content_changed")


def of_spaces(plugins: Plugins) -> set[str]:
    """The plugins that do something in spaces, so that a space can have them or do without."""
    return {info.name for info in plugins.plugins} & set().union(*(plugins.implementing(hook) for hook in _IN_SPACES))


class SpaceFunctions:
    """The functions of one space, as its managers choose them. Who may the views' permission says.

    :param plugins: all that are installed.
    """

    def __init__(self, db: Session, viewer: Viewer, space_id: int, plugins: Plugins) -> None:
        self.db, self.viewer, self.space_id = db, viewer, space_id
        self._known = of_spaces(plugins)
        self.package = PackageService(db).of_space(space_id)

    def offers(self) -> list[Offer]:
        """Every function that is introduced somewhere, by name. What nobody has stays unknown."""
        return [self._offer(name, rung) for name, rung in self._rungs() if not rung.is_off]

    def choose(self, plugin: str, is_on: bool) -> bool:
        """Have *plugin* in this space, or do without it. Says whether that changed anything.

        :raises PackageError: where it is not the managers' choice.
        """
        rung = dict(self._rungs()).get(plugin)
        if rung is None or rung.is_off:
            raise PackageError("plugin", _("There is no such function to choose."))
        offer = self._offer(plugin, rung)
        if (offer.state in HERE) == is_on:
            return False
        if not offer.can_change:
            raise PackageError("plugin", _("This is not for the managers of a space to choose."))
        choose(self.db, plugin, self.space_id, is_on, user_id=self.viewer.user_id)
        record(self.db, "space.function_chosen", "space", self.space_id, plugin=plugin, on=is_on)
        return True

    def _rungs(self) -> list[tuple[str, Rung]]:
        ladder = ladder_of(self.db)
        return (
            [] if ladder is None else [(name, ladder.rungs[name]) for name in sorted(self._known & set(ladder.rungs))]
        )

    def _offer(self, plugin: str, rung: Rung) -> Offer:
        state = state_of(rung, self.space_id)
        may_choose = state in MAY or (state in HERE and rung.stage in ("opt_in", "on"))
        if state == "free" and self.package is not None and plugin not in self.package.plugins:
            return Offer(plugin, NOT_IN_PACKAGE, False)
        return Offer(plugin, state, may_choose)


def begin(functions: SpaceFunctions, package: str, plugins: Iterable[str]) -> None:
    """Give a space that was made a moment ago its package, and choose *plugins* for it as far as they may be chosen.

    A package that is gone meanwhile is no package.
    """
    service = PackageService(functions.db)
    functions.package = service.get(package) if package else None
    if functions.package is not None:
        service.give(functions.space_id, functions.package)
    may = {offer.plugin for offer in functions.offers() if offer.state in MAY and offer.can_change}
    for plugin in sorted(may & set(plugins)):
        functions.choose(plugin, True)
