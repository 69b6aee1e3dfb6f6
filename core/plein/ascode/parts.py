"""The sections of the core: settings of pages, permissions, rules for what people write, and who has which plugin."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.adjusting.changing import choose
from plein.adjusting.models import SettingValue
from plein.ascode.sections import Place, SectionError, Site, mapping, only, space_id, space_ids, words
from plein.content.models import PolicyValue
from plein.content.policies import Policy, decide
from plein.ladder.changing import Decision, decision
from plein.ladder.models import Rollout
from plein.ladder.rungs import STAGES
from plein.people.models import Group, User
from plein.rollout.rules import RolloutError
from plein.rollout.steps import StepService
from plein.security.matrix import Matrix, MatrixError
from plein.security.rights import read_changes
from plein.spaces.models import Space


class SettingsSection:
    """Settings that were changed on a page. One that is not named is what it is by default."""

    name = "settings"

    def read(self, db: Session, site: Site) -> Any:
        rows = db.execute(select(SettingValue.name, SettingValue.value).order_by(SettingValue.name))
        return {row[0]: row[1] for row in rows if row[0] in site.settings.adjustable}

    def make(self, db: Session, site: Site, wanted: Any) -> None:
        named = mapping((self.name,), wanted)
        for name in sorted({*named, *self.read(db, site)}):
            value = named.get(name)
            if name not in site.settings.adjustable:
                raise SectionError((self.name, name), self._why_not(site, name))
            if isinstance(value, dict) or (name in named and value is None):
                raise SectionError((self.name, name), "must be one value, or left out for the default")
            try:
                choose(db, site.settings, name, value)
            except ValueError as error:
                raise SectionError((self.name, name), str(error)) from error

    @staticmethod
    def _why_not(site: Site, name: str) -> str:
        if name not in site.settings:
            return "is no setting of Plein"
        declared = next(one for one in site.settings.declared if one.name == name)
        if not declared.on_page:
            return "is a setting of the server; it stands in the configuration file or the environment"
        return f"is given on the server ({site.settings.source(name)}), which goes before what is chosen here"


class PermissionsSection:
    """Cells of the table of permissions that were changed, of the site and of spaces."""

    name = "permissions"

    def read(self, db: Session, site: Site) -> Any:
        slugs = {number: slug for slug, number in space_ids(db).items()}
        found: dict[str, Any] = {"site": {}, "spaces": {}}
        for place, cells in read_changes(db).items():
            known = {
                name: dict(sorted(roles.items()))
                for name, roles in sorted(cells.items())
                if name in site.plugins.permissions
            }
            if place is None:
                found["site"] = known
            elif known:
                found["spaces"][slugs[place]] = known
        found["spaces"] = dict(sorted(found["spaces"].items()))
        return found

    def make(self, db: Session, site: Site, wanted: Any) -> None:
        named = mapping((self.name,), wanted)
        only((self.name,), named, ("site", "spaces"))
        known, places = space_ids(db), mapping((self.name, "spaces"), named.get("spaces"))
        # Spaces that were changed and are not named go back to what holds everywhere.
        if "spaces" in named:
            places = {**dict.fromkeys(self.read(db, site)["spaces"]), **places}
        if "site" in named:
            self._change(db, site, (self.name, "site"), None, named["site"])
        for slug, cells in sorted(places.items()):
            place = (self.name, "spaces", slug)
            self._change(db, site, place, space_id(known, place, slug), cells)

    @staticmethod
    def _change(db: Session, site: Site, place: Place, number: int | None, wanted: Any) -> None:
        cells: dict[tuple[str, str], bool | None] = {}
        for permission, roles in mapping(place, wanted).items():
            for role, allowed in mapping((*place, permission), roles).items():
                if not isinstance(allowed, bool):
                    raise SectionError((*place, permission, role), "must be true or false")
                cells[permission, role] = allowed
        matrix = Matrix(db, site.plugins.permissions, number)
        try:
            matrix.change({**dict.fromkeys(matrix.changed), **cells})
        except MatrixError as error:
            raise SectionError(place, str(error).rstrip(".")) from error


class RulesSection:
    """What was decided for items of a type: for the site, and for spaces."""

    name = "rules"

    def read(self, db: Session, site: Site) -> Any:
        slugs = {number: slug for slug, number in space_ids(db).items()}
        found: dict[str, Any] = {"site": {}, "spaces": {}}
        rows = db.scalars(select(PolicyValue).order_by(PolicyValue.type, PolicyValue.name))
        for row in rows:
            if row.name not in site.policies or row.type not in site.plugins.content_types:
                continue
            place = found["site"] if row.space_id is None else found["spaces"].setdefault(slugs[row.space_id], {})
            place.setdefault(row.type, {})[row.name] = row.value
        found["spaces"] = dict(sorted(found["spaces"].items()))
        return found

    def make(self, db: Session, site: Site, wanted: Any) -> None:
        named, now, known = mapping((self.name,), wanted), self.read(db, site), space_ids(db)
        only((self.name,), named, ("site", "spaces"))
        if "site" in named:
            self._decide(db, site, (self.name, "site"), None, now["site"], named["site"])
        if "spaces" in named:
            places = mapping((self.name, "spaces"), named["spaces"])
            for slug in sorted({*places, *now["spaces"]}):
                place = (self.name, "spaces", slug)
                number = space_id(known, place, slug)
                self._decide(db, site, place, number, now["spaces"].get(slug, {}), places.get(slug))

    @staticmethod
    def _decide(db: Session, site: Site, place: Place, number: int | None, now: Any, wanted: Any) -> None:
        types = mapping(place, wanted)
        for kind in sorted({*types, *now}):
            if kind not in site.plugins.content_types:
                raise SectionError((*place, kind), f"there is no type {kind}")
            values = mapping((*place, kind), types.get(kind))
            for name in sorted({*values, *now.get(kind, {})}):
                here = (*place, kind, name)
                policy = site.policies.get(name)
                if policy is None or (number is not None and not policy.in_spaces):
                    raise SectionError(here, "is no rule that can be decided here")
                if name in values:
                    _check(here, policy, values[name])
                decide(db, policy, kind, number, values.get(name))


def _check(place: Place, policy: Policy, value: Any) -> None:
    """:raises SectionError: where *value* does not fit *policy*."""
    if policy.kind == "yes" and not isinstance(value, bool):
        raise SectionError(place, "must be true or false")
    if policy.kind == "choice" and value not in dict(policy.choices):
        raise SectionError(place, f"must be {' or '.join(dict(policy.choices))}")
    if policy.kind == "line" and not (isinstance(value, str) and len(value) <= policy.maximum):
        raise SectionError(place, f"must be a line of at most {policy.maximum} characters")
    is_number = type(value) is int and policy.minimum <= value <= policy.maximum
    if policy.kind == "number" and not is_number:
        raise SectionError(place, f"must be a whole number from {policy.minimum} to {policy.maximum}")


class RolloutsSection:
    """Where plugins stand. One that is not named stays where it stands: taking it off the ladder is a decision too."""

    name = "plugins"
    #: words of the file → of a decision, with the type they have
    WORDS: ClassVar[dict[str, tuple[str, type]]] = {
        "purpose": ("purpose", str),
        "starts": ("starts_on", date),
        "ends": ("ends_on", date),
        "measure": ("measure", str),
        "target": ("target", int),
        "question": ("question", str),
        "question_after": ("question_after", int),
    }

    def read(self, db: Session, site: Site) -> Any:
        found = {}
        standard = Decision("off")
        groups = {row[0]: row[1] for row in db.execute(select(Group.id, Group.slug))}
        spaces = {number: slug for slug, number in space_ids(db).items()}
        for name in db.scalars(select(Rollout.plugin).order_by(Rollout.plugin)).all():
            decided = decision(db, name)
            if decided is None or not site.plugins.has(name):
                continue
            words: dict[str, Any] = {"stage": decided.stage}
            for word, (field, _type) in self.WORDS.items():
                # When it began is no decision for another site, or for another day.
                if word != "starts" and getattr(decided, field) != getattr(standard, field):
                    words[word] = getattr(decided, field)
            owner = db.scalar(select(User.login).where(User.id == decided.owner_id))
            words |= {"owner": owner} if owner else {}
            words |= {"groups": sorted(groups[one] for one in decided.group_ids)} if decided.group_ids else {}
            words |= {"spaces": sorted(spaces[one] for one in decided.space_ids)} if decided.space_ids else {}
            found[name] = words
        return found

    def make(self, db: Session, site: Site, wanted: Any) -> None:
        service = StepService(db, site.plugins, site.settings)
        for name, given in sorted(mapping((self.name,), wanted).items()):
            place = (self.name, name)
            try:
                service.standing(name)
                service.take(name, self._decision(db, place, mapping(place, given)), "plein settings apply")
            except RolloutError as error:
                raise SectionError((*place, error.field) if error.field else place, str(error).rstrip(".")) from error

    def _decision(self, db: Session, place: Place, given: dict[str, Any]) -> Decision:
        only(place, given, ("stage", "owner", "groups", "spaces", *self.WORDS))
        from_words: dict[str, Any] = {}
        for word, (field, kind) in self.WORDS.items():
            if word in given:
                if type(given[word]) is not kind:
                    shown = {str: "text", int: "a whole number", date: "a date such as 2027-01-31"}[kind]
                    raise SectionError((*place, word), f"must be {shown}")
                from_words[field] = given[word]
        if given.get("stage") not in STAGES:
            raise SectionError((*place, "stage"), f"must be {', '.join(STAGES[:-1])} or {STAGES[-1]}")
        if "owner" in given:
            from_words["owner_id"] = _one(db, User.id, User.login, (*place, "owner"), given["owner"])
        for word, number, slug in (("groups", Group.id, Group.slug), ("spaces", Space.id, Space.slug)):
            listed = words((*place, word), given.get(word))
            found = [_one(db, number, slug, (*place, word), one) for one in listed]
            from_words[f"{word[:-1]}_ids"] = tuple(sorted(found))
        return Decision(given["stage"], **from_words)


def _one(db: Session, number: Any, named: Any, place: Place, value: Any) -> int:
    found: int | None = db.scalar(select(number).where(named == str(value)))
    if found is None:
        raise SectionError(place, f"there is nothing called {value}")
    return found
