"""What is kept about people when they are brought in, and forgetting somebody in the reports of runs."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from plein.contributions import ErasedPerson, PersonalData
from plein.people.directory_sync.models import DirectoryChange
from plein.people.group_rows import UNSYNCHRONIZED
from plein.web.i18n import _

PERSONAL_DATA = (
    PersonalData(
        "directory_person",
        ("user_id", "source", "external_id", "closed_at"),
        _("As whom somebody is known in a directory of the organisation"),
        "contract",
        _("As long as the account exists"),
    ),
    PersonalData(
        "directory_run",
        ("actor_id", "source", "state", "started_at"),
        _("Who brought in people and groups, and what came of it"),
        "interest",
        _("The last 50 times of each source"),
        erased="unlink",
    ),
    PersonalData(
        "directory_upload",
        ("user_id", "filename", "created_at"),
        _("Files with people that wait to be brought in"),
        "interest",
        _("A day at most"),
        withheld=("data",),
    ),
)


def forget_in_runs(db: Session, person: ErasedPerson) -> None:
    """Put the pseudonym where reports of runs name somebody."""
    named = (DirectoryChange.object == "person", DirectoryChange.subject == person.login)
    db.execute(
        update(DirectoryChange).where(*named).values(subject=person.pseudonym, name=person.pseudonym),
        execution_options=UNSYNCHRONIZED,
    )
