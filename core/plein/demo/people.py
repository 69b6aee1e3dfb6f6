"""The people of the demonstration: all of them made up, and their profiles say so. Nobody can sign in as one of them
before an administrator makes a link.

A department is a member of a closed space as a group, a guest is in one space only, and a space stands below another.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.people.groups import GroupService
from plein.people.models import Group
from plein.people.services import PeopleService
from plein.people.standing import today
from plein.security.viewer import Viewer
from plein.spaces.family import Family
from plein.spaces.group_members import GroupMembers
from plein.spaces.members import Members
from plein.spaces.models import Space
from plein.spaces.services import SpaceService

MADE_UP = "Verzonnen persoon, in de demonstratie van Plein."
DEPARTMENT = "Verzonnen afdeling, in de demonstratie van Plein."
GUEST = "joris.vandam"

#: login, name, function, department
PEOPLE = (
    ("fatma.yildiz", "Fatma Yıldız", "Hoofd communicatie", "Communicatie"),
    ("sanne.devries", "Sanne de Vries", "Communicatieadviseur", "Communicatie"),
    ("ravi.ramdin", "Ravi Ramdin", "Webredacteur", "Communicatie"),
    ("pieter.hoekstra", "Pieter Hoekstra", "Raadsgriffier", "Bestuur"),
    ("naima.elamrani", "Naïma El Amrani", "Klantadviseur", "Burgerzaken"),
    ("kees.vanleeuwen", "Kees van Leeuwen", "Medewerker paspoorten", "Burgerzaken"),
    ("mei.chen", "Mei Chen", "Systeembeheerder", "ICT"),
    ("tom.bakker", "Tom Bakker", "Informatieadviseur", "ICT"),
    ("iris.jansen", "Iris Jansen", "Wijkbeheerder", "Openbare ruimte"),
)
GROUPS = ("Communicatie", "Burgerzaken", "ICT")


def make_people(db: Session, viewer: Viewer) -> None:
    """Make the people and groups, as far as they are not there yet.

    :param viewer: the administrator for whom the demonstration is made; the guest's sponsor.
    """
    people, groups = PeopleService(db), GroupService(db, viewer)
    there = {group.name: group for group in db.scalars(select(Group).where(Group.name.in_(GROUPS)))}
    there |= {name: groups.create(name=name, description=DEPARTMENT) for name in GROUPS if name not in there}
    for login, name, function, department in PEOPLE:
        if people.find(login) is not None:
            continue
        user = people.create(login=login, name=name)
        user.function, user.department, user.location, user.about = function, department, "Stadhuis", MADE_UP
        db.flush()
        record(db, "account.created", "user", user.id, kind="person")
        if department in there:
            groups.add(there[department], user.id)
    if people.find(GUEST) is None:
        guest = people.create(login=GUEST, name="Joris van Dam", kind="guest")
        guest.function, guest.department, guest.about = "Vormgever", "Bureau Lijn & Vlak", MADE_UP
        guest.sponsor_id, guest.ends_on = viewer.user_id, today() + timedelta(days=90)
        db.flush()
        record(db, "account.created", "user", guest.id, kind="guest", sponsor=viewer.user_id)


def people_the_team(db: Session, viewer: Viewer, team: Space) -> None:
    """Put the department, its manager and the guest into the space of the team, and a space below it."""
    members, groups = Members(db, viewer, team), GroupMembers(db, viewer, team)
    groups.add("group:communicatie", "editor")
    members.add("fatma.yildiz", "manager")
    members.add(GUEST, "reader")
    newsletter = SpaceService(db, viewer).create(
        name="Nieuwsbrief", purpose="Wie schrijft wat, en voor welke week.", access="closed", language="nl"
    )
    Members(db, viewer, newsletter).add("ravi.ramdin", "editor")
    Family(db, viewer, newsletter).place_below(team.slug)


def people_the_handbook(db: Session, viewer: Viewer, handbook: Space) -> None:
    """Some who improve the handbook; everybody else reads it as a visitor."""
    members = Members(db, viewer, handbook)
    for login in ("pieter.hoekstra", "naima.elamrani", "tom.bakker"):
        members.add(login, "editor" if login == "tom.bakker" else "member")
