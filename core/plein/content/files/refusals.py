"""Why a file is not taken, and what to do, in a sentence."""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from translationstring import TranslationString

from plein.content.files.receiving import FileRefused
from plein.content.files.services import FilesNeedApproval
from plein.web.errors import error_page
from plein.web.i18n import _

NEEDS_APPROVAL = _(
    "This is published, and here somebody else looks at a change first. Ask its author or owner to make it a draft, "
    "change the files, and send it for approval."
)

_SENTENCES: Mapping[str, TranslationString] = {
    "empty": _("“${name}” is empty. Choose another file."),
    "broken": _("“${name}” is not a picture that can be read. Save it again as PNG or JPEG and try once more."),
    "too-large": _("“${name}” has more than ${pixels} million pixels. Make the picture smaller and try again."),
    "too-heavy": _("“${name}” is larger than ${mb} MB, the most that is taken. Make it smaller or divide it."),
    "unsearched": _(
        "“${name}” is not added, because the virus scanner does not answer. Try again later, and tell your "
        "administrator."
    ),
    "no-room-space": _(
        "“${name}” does not fit: the files of this space may take ${space} MB. Remove files that nobody needs, or ask "
        "your administrator for more room."
    ),
    "no-room-site": _(
        "“${name}” does not fit: the files of this site may take ${site} GB. Ask your administrator for more room."
    ),
}


def refusal(refused: FileRefused, settings: Mapping[str, Any]) -> TranslationString:
    """Why *refused* was not taken."""
    return _(
        _SENTENCES[refused.reason],
        mapping={
            "name": refused.name,
            "pixels": settings["plein.max_image_megapixels"],
            "mb": settings["plein.max_upload_mb"],
            "space": settings["plein.files_space_mb"],
            "site": settings["plein.files_site_gb"],
        },
    )


def needs_approval(error: FilesNeedApproval, request: Request) -> Response:
    """What whoever changes files is told where a page did not ask first."""
    return error_page(request, 409, detail=NEEDS_APPROVAL, error=error, kept=[])
