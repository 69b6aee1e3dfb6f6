"""What is done with packages of functions, as the audit log tells it."""

from plein.web.i18n import _

ACTS = {
    "package.saved": _("Package of functions saved"),
    "package.removed": _("Package of functions removed"),
    "package.given": _("Package of functions given to a space"),
    "space.function_chosen": _("Function chosen for a space, or not any more"),
}
