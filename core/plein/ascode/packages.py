"""The section of packages of functions: what is in each, and which spaces have it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.ascode.sections import Place, SectionError, Site, mapping, only, space_id, space_ids, words
from plein.rollout.packages.models import SpacePackage
from plein.rollout.packages.services import Package, PackageError, PackageService


class PackagesSection:
    """Packages by their title. One that is not named is removed; its spaces choose from all functions then."""

    name = "packages"

    def read(self, db: Session, site: Site) -> Any:
        slugs = {number: slug for slug, number in space_ids(db).items()}
        spaces = db.execute(select(SpacePackage.package_id, SpacePackage.space_id)).all()
        return {
            one.title: {
                "description": one.description,
                "plugins": list(one.plugins),
                "spaces": sorted(slugs[space] for package, space in spaces if package == one.id),
            }
            for one in PackageService(db).all()
        }

    def make(self, db: Session, site: Site, wanted: Any) -> None:
        named, now = mapping((self.name,), wanted), self.read(db, site)
        service, known = PackageService(db), space_ids(db)
        there = {one.title: one for one in service.all()}
        for title in sorted(there.keys() - named.keys()):
            service.remove(there[title])
        for title, values in named.items():
            place = (self.name, title)
            values = mapping(place, values)
            only(place, values, ("description", "plugins", "spaces"))
            plugins = words((*place, "plugins"), values.get("plugins"))
            if title not in there or now[title] != {**now[title], **values}:
                package = Package(
                    getattr(there.get(title), "slug", ""), title, str(values.get("description", "")), plugins
                )
                there[title] = self._saved(service, place, package)
            self._give(service, known, place, there[title], now.get(title, {}).get("spaces", []), values)

    @staticmethod
    def _saved(service: PackageService, place: Place, package: Package) -> Package:
        try:
            return service.save(package)
        except PackageError as error:
            raise SectionError(place, str(error).rstrip(".")) from error

    @staticmethod
    def _give(
        service: PackageService, known: dict[str, int], place: Place, package: Package, before: list[str], values: Any
    ) -> None:
        spaces = words((*place, "spaces"), values.get("spaces"))
        for slug in spaces:
            number = space_id(known, (*place, "spaces"), slug)
            if slug not in before:
                service.give(number, package)
        for slug in sorted(set(before) - set(spaces)):
            service.give(known[slug], None)
