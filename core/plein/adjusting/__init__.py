"""Settings that administrators change on a page: an overlay on what the file and the environment leave open.

The order is: environment, configuration file, page, default. What is chosen are rows; each process keeps them all, and
reads them again when the number that comes with each request says that something changed.
"""

from pyramid.config import Configurator

from plein.adjusting.acts import ACTS
from plein.adjusting.keeping import Adjusted, LiveSettings
from plein.contributions import PersonalData
from plein.hookspecs import hookimpl
from plein.web.i18n import _

__all__ = ["Adjusted", "LiveSettings"]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return [
        PersonalData(
            "setting_value",
            ("user_id", "name", "changed_at"),
            _("Who changed a setting last"),
            "contract",
            _("Until it is changed again; without a name when somebody is erased"),
            erased="unlink",
        )
    ]


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
