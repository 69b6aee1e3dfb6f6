"""What is kept about people in the tables of accounts, profiles, groups and sign-in, and forgetting an account."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.contributions import ErasedPerson, PersonalData
from plein.people.models import User
from plein.web.folding import fold
from plein.web.i18n import _

_WHILE_HERE = _("As long as the account exists")
_MINUTES = _("A few minutes")

#: Columns of an account that say something of a person; all of them are emptied when the person is erased.
ACCOUNT = (
    "login",
    "name",
    "sort_name",
    "email",
    "pronouns",
    "function",
    "department",
    "location",
    "phone",
    "about",
    "expertise",
    "photo",
    "shown_to",
    "locale",
    "theme",
    "state",
    "state_reason",
    "kind",
    "is_admin",
    "ends_on",
    "left_at",
    "created_at",
)

PERSONAL_DATA = [
    PersonalData(
        "user",
        ("id", *ACCOUNT),
        _("The account and profile: to sign in, and to be known and found by colleagues"),
        "contract",
        _WHILE_HERE,
        erased="keep",
        withheld=("password_hash",),
    ),
    PersonalData(
        "user",
        ("manager_id", "id"),
        _("Who manages whom, as profiles show it"),
        "contract",
        _WHILE_HERE,
        erased="unlink",
    ),
    PersonalData(
        "user",
        ("sponsor_id", "id"),
        _("Which colleague answers for a guest"),
        "contract",
        _("As long as the guest has an account"),
        erased="unlink",
    ),
    PersonalData("user_word", ("user_id", "word"), _("Words that people are found by"), "contract", _WHILE_HERE),
    PersonalData("user_facet", ("user_id", "label"), _("Values that people are filtered by"), "contract", _WHILE_HERE),
    PersonalData("photo", ("user_id", "size"), _("The photo, to be recognised by it"), "consent", _WHILE_HERE),
    PersonalData(
        "person_value",
        ("user_id", "field_id", "value"),
        _("What the person or the directory filled in on the profile"),
        "contract",
        _WHILE_HERE,
    ),
    PersonalData(
        "site_role", ("user_id", "role", "created_at"), _("Which site roles somebody has"), "contract", _WHILE_HERE
    ),
    PersonalData(
        "group_member",
        ("user_id", "group_id", "created_at"),
        _("In which groups somebody is: departments, projects, pilots"),
        "contract",
        _WHILE_HERE,
    ),
    PersonalData(
        "group_person",
        ("user_id", "group_id"),
        _("In which groups somebody is, through other groups too"),
        "contract",
        _WHILE_HERE,
    ),
    PersonalData(
        "sign_in_session",
        ("user_id", "method", "created_at", "last_seen_at", "expires_at", "address", "agent"),
        _("Where somebody is signed in, to keep the account safe"),
        "interest",
        _("Until it is signed out or expires"),
        withheld=("token_hash",),
    ),
    PersonalData(
        "sign_in_link",
        ("user_id", "created_at", "expires_at", "used_at"),
        _("Links to sign in with once"),
        "contract",
        _("Until it expires"),
        withheld=("token_hash",),
    ),
    PersonalData(
        "user_identity",
        ("user_id", "provider", "subject", "created_at", "last_used_at"),
        _("As whom somebody is known where they sign in elsewhere"),
        "contract",
        _WHILE_HERE,
    ),
    PersonalData(
        "totp",
        ("user_id", "created_at", "last_used_at"),
        _("The app that makes codes for the second step"),
        "interest",
        _WHILE_HERE,
        withheld=("secret",),
    ),
    PersonalData(
        "passkey",
        ("user_id", "name", "created_at", "last_used_at"),
        _("The passkeys that somebody signs in with"),
        "interest",
        _WHILE_HERE,
        withheld=("credential_id", "public_key", "handle"),
    ),
    PersonalData(
        "passkey_challenge",
        ("user_id", "purpose", "expires_at"),
        _("A passkey that is being asked for"),
        "interest",
        _MINUTES,
        withheld=("challenge_hash", "browser"),
    ),
    PersonalData(
        "recovery_code",
        ("user_id", "created_at", "saved_at", "used_at"),
        _("Codes for when the second step is lost"),
        "interest",
        _WHILE_HERE,
        withheld=("code_hash",),
    ),
    PersonalData(
        "pending_sign_in",
        ("user_id", "method", "expires_at"),
        _("A sign-in that waits for the second step"),
        "interest",
        _MINUTES,
        withheld=("token_hash", "password_mark", "identity"),
    ),
]


def forget_account(db: Session, person: ErasedPerson) -> None:
    """Empty the account of everything that says who it was. What refers to it finds the pseudonym."""
    user = db.scalar(select(User).where(User.id == person.user_id))
    if user is None:
        return
    for name in ACCOUNT:
        column = User.__mapper__.columns.get(name)
        if column is not None and name not in _KEPT:
            setattr(user, name, _empty(column))
    user.login, user.name, user.sort_name = person.pseudonym, NAME, fold(NAME)
    user.state, user.password_hash = "left", ""
    db.flush()


#: What stands where a name stood; the same for everybody.
NAME = "Oud-collega"
#: What says nothing of who it was, or is set anew.
_KEPT = ("kind", "created_at", "left_at", "login", "name", "sort_name", "state")


def _empty(column: object) -> object:
    """What a column holds that says nothing: its own default where that is a value, or else nothing."""
    default = getattr(column, "default", None)
    if default is not None and default.is_scalar:
        return default.arg
    if default is not None and default.is_callable:
        return default.arg(None)
    return None if getattr(column, "nullable", False) else ""
