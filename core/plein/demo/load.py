"""Puts the demonstration in a site: three spaces, one of each kind, their people, and their pages by way of the import.

So the first pages that anybody sees came in by the same road as a real handbook does.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.glossary.service import GlossaryService
from plein.db import open_session
from plein.demo.aging import let_pages_age
from plein.demo.people import make_people, people_the_handbook, people_the_team
from plein.ladder import OPEN
from plein.people.services import PeopleService
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.spaces.services import SpaceService
from plein.transfer.into import Into
from plein.transfer.markdown_import import import_markdown
from plein.transfer.models import ImportItem
from plein.web.markup import MarkupLimits

if TYPE_CHECKING:
    from plein.app import Site

PAGES = Path(__file__).parent / "nl"
TYPE = "wiki.page"


@dataclass(frozen=True, slots=True)
class DemoSpace:
    """:param folder: in ``nl/``."""

    folder: str
    name: str
    purpose: str
    access: str

    @property
    def source(self) -> str:
        """What the import remembers the folder by, and this module that the space was made."""
        return f"demo/{self.folder}"


SPACES = (
    DemoSpace("handboek", "Handboek Weidemeer", "Alles wat je nodig hebt om hier te werken.", "open"),
    DemoSpace("communicatie", "Team Communicatie", "Plannen en draaiboeken van het team.", "closed"),
    DemoSpace("voorjaarsmarkt", "Voorjaarsmarkt", "Een verrassing, dus mondje dicht.", "hidden"),
)


#: Word, explanation, other ways to write it.
WORDS = (
    ("AVG", "Algemene verordening gegevensbescherming: de regels voor persoonsgegevens", ("GDPR",)),
    ("BIO", "Baseline Informatiebeveiliging Overheid: hoe we informatie veilig houden", ()),
    ("Woo", "Wet open overheid: wat we openbaar maken, en hoe", ()),
    ("Zaak", "Alles wat we voor één vraag van een inwoner doen", ("zaak",)),
)

#: Who is in which space, beside the administrator.
_PEOPLED = {"handboek": people_the_handbook, "communicatie": people_the_team}

#: The folder of the space in which pages are old.
AGED = "handboek"


def make_demo_space(site: "Site", login: str) -> str:
    """Make the demonstration's spaces, as far as they were not made before, with *login* as their manager.

    :return: the address (slug) of the open space; empty when there was nothing to make.
    :raises LookupError: when nobody has an account *login*, or the wiki is not installed.
    """
    if TYPE not in site.plugins.content_types:
        raise LookupError("the demonstration needs the plugin wiki: pip install plein-wiki")
    with open_session(site.engine) as db:
        person = PeopleService(db).find(login)
    if person is None:
        raise LookupError(f"nobody signs in as {login}")
    viewer = Viewer(user_id=person.id, name=person.name, kind="person", is_admin=person.is_admin, ladder=OPEN)
    made = ""
    with open_session(site.engine, viewer=viewer, writes=True) as db, db.begin():
        there = set(db.scalars(select(ImportItem.source).where(ImportItem.source.startswith("demo/")).distinct()))
        missing = [space for space in SPACES if space.source not in there]
        if missing:
            make_people(db, viewer)
            _explain_words(db)
        for wanted in missing:
            space = _make(site, db, viewer, wanted)
            made = made or space.slug
            if wanted.folder in _PEOPLED:
                _PEOPLED[wanted.folder](db, viewer, space)
            if wanted.folder == AGED:
                let_pages_age(db, viewer, space)
    return made


def _explain_words(db: Session) -> None:
    """A glossary to begin with, as far as its words are not there."""
    glossary = GlossaryService(db)
    there = {term.term for term in glossary.all()}
    for term, explanation, synonyms in WORDS:
        if term not in there:
            glossary.add(term, explanation, synonyms)


def _make(site: "Site", db: Session, viewer: Viewer, wanted: DemoSpace) -> Space:
    space = SpaceService(db, viewer).create(
        name=wanted.name, purpose=wanted.purpose, access=wanted.access, language="nl"
    )
    into = Into(
        db=db,
        viewer=viewer,
        space=space,
        type=site.plugins.content_types[TYPE],
        plugins=site.plugins,
        blobs=site.blobs,
        limits=MarkupLimits(max_kb=site.settings["plein.max_markdown_kb"]),
    )
    import_markdown(into, PAGES / wanted.folder, source=wanted.source)
    return space
