"""Who gets in: packages of functions, the functions of a space, and asking for one."""

from typing import Any

from authorisation.rules import Row, admin, colleague, roles
from plein.rollout.packages.services import Package, PackageService

MANAGERS = ("manager",)


def prepare(db: Any, people: Any, space: Any) -> dict[str, str]:
    """A package, in the address of which each place is asked."""
    service = PackageService(db)
    found = service.get("team") or service.save(Package("", "Team", plugins=("wiki",)))
    return {"package": found.slug}


SITE: dict[str, Any] = {
    "GET": {
        "functions": Row(colleague),
        "admin.packages": Row(admin),
        "admin.packages.new": Row(admin),
        "admin.packages.change": Row(admin, {"package": "{package}"}),
        "admin.packages.asked": Row(admin),
    },
    "POST": {
        "functions.ask": Row(colleague, {"plugin": "wiki"}),
        "functions.ask_no_more": Row(colleague, {"plugin": "wiki"}),
        "admin.packages.new": Row(admin, form={"title": "New package", "plugins": "wiki"}),
        "admin.packages.change": Row(admin, {"package": "{package}"}, form={"title": "Team", "plugins": "wiki"}),
        "admin.packages.remove": Row(admin, {"package": "{package}"}),
    },
}

SPACE = {
    "GET": {"space.functions": Row(roles(*MANAGERS))},
    "POST": {
        "space.functions": Row(roles(*MANAGERS), form={"plugin": "wiki", "on": "yes"}),
        # Whoever decides about functions, where they manage the space as well.
        "space.functions_package": Row(roles()),
    },
}
