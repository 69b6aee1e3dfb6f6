"""What an administrator should look at, each with the remedy. Asks the database, the settings and the disk."""

import ipaddress
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from plein.admin.attention_freshness import of_freshness
from plein.admin.attention_people import of_people
from plein.admin.attention_rollout import of_rollout
from plein.admin.background import of_jobs, of_mail
from plein.admin.notes import Attention
from plein.admin.privacy_notes import of_privacy
from plein.admin.unmanaged import Unmanaged
from plein.audit.models import AuditEntry
from plein.db import migrate
from plein.plugins import Plugins
from plein.web.i18n import _

#: Less free space than this, in bytes, is too little.
LOW_DISK = 1_000_000_000


def attention(
    db: Session, engine: Engine, settings: Mapping[str, Any], plugins: Plugins, spaces: list[Unmanaged]
) -> list[Attention]:
    """All that needs attention, warnings first. Eleven statements."""
    found = [
        *_of_database(engine, plugins),
        *_of_audit(db),
        *_of_disk(settings),
        *_of_plugins(settings, plugins),
        *of_rollout(db, settings, plugins),
        *_of_address(settings),
        *_of_spaces(spaces),
        *of_people(db, engine),
        *of_freshness(engine),
        *_of_settings(settings),
        *of_jobs(db),
        *of_mail(db, settings),
        *of_privacy(db),
    ]
    return sorted(found, key=lambda one: one.kind != "warning")


def _of_database(engine: Engine, plugins: Plugins) -> Iterator[Attention]:
    for entry in migrate.state(engine, plugins):
        if entry.kind != "equal":
            yield Attention(
                "warning",
                _("The tables of ${name} do not fit the installed version", mapping={"name": entry.name}),
                _("Make a backup, run plein db upgrade on the server, and restart."),
            )


def _of_audit(db: Session) -> Iterator[Attention]:
    checked = (
        select(AuditEntry.result, AuditEntry.object_id)
        .where(AuditEntry.action == "audit.verified")
        .order_by(AuditEntry.number.desc())
        .limit(1)
    )
    last = db.execute(checked).first()
    if last is not None and last.result == "failed":
        yield Attention(
            "warning",
            _("The audit log was tampered with, from entry ${number} on", mapping={"number": last.object_id}),
            _("Find out who has rights on the database. Put the last backup beside it to see what was changed."),
            "admin.audit",
        )


def _of_disk(settings: Mapping[str, Any]) -> Iterator[Attention]:
    folder = _existing(Path(settings["plein.files_dir"]))
    if shutil.disk_usage(folder).free < LOW_DISK:
        yield Attention(
            "warning",
            _("The disk with the attachments is almost full"),
            _("Make room on the server: with less than 1 GB free, saving may fail."),
        )
    if not os.access(folder, os.W_OK):
        yield Attention(
            "warning",
            _("The folder for attachments cannot be written to"),
            _("Give the account that runs Plein write access to ${folder}.", mapping={"folder": str(folder)}),
        )


def _existing(folder: Path) -> Path:
    """*folder*, or the nearest one above it that exists: attachments make it when the first one comes."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path("/"))


def _of_plugins(settings: Mapping[str, Any], plugins: Plugins) -> Iterator[Attention]:
    for name, reason in sorted(plugins.refused.items()):
        yield Attention(
            "warning",
            _("${name} does not fit this version of Plein, and is left out", mapping={"name": name}),
            reason,
            "admin.plugins",
        )
    paused = plugins.paused()
    for name in paused:
        yield Attention(
            "warning",
            _("The plugin ${name} is paused for everybody, because it kept failing", mapping={"name": name}),
            _("See what went wrong. When that is mended, choose Resume."),
            "admin.plugins",
        )
    for name, count in sorted(plugins.failures.items()):
        if name not in paused:
            yield Attention(
                "note",
                _("Failures of the plugin ${name}: ${count}", mapping={"name": name, "count": count}),
                _("See what went wrong. To switch the plugin off, name it in plein.plugins_off and restart."),
                "admin.plugins",
            )
    if settings["plein.safe_mode"]:
        yield Attention(
            "warning",
            _("Plein runs in safe mode: no plugin is loaded"),
            _("When all is well again, set plein.safe_mode to false and restart."),
            "admin.settings",
        )


def _of_address(settings: Mapping[str, Any]) -> Iterator[Attention]:
    address = urlsplit(settings["plein.base_url"])
    if _is_loopback(address.hostname or ""):
        yield Attention(
            "note",
            _("Only this computer can reach Plein"),
            _("To open it to others, set plein.base_url to the address that people will use, and restart."),
            "admin.settings",
        )
    elif address.scheme != "https":
        yield Attention(
            "warning",
            _("What people type travels unprotected over the network"),
            _("Put a web server with TLS in front, set plein.base_url to its https address, and restart."),
            "admin.settings",
        )
    elif not settings["plein.trusted_proxies"]:
        yield Attention(
            "note",
            _("Everybody seems to come from the same address"),
            _("Name the web server in front of Plein in plein.trusted_proxies, so that limits count per visitor."),
            "admin.settings",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _of_spaces(spaces: list[Unmanaged]) -> Iterator[Attention]:
    if spaces:
        yield Attention(
            "warning",
            _("Nobody manages these spaces: ${count}", mapping={"count": len(spaces)}),
            _("Give each of them a manager again."),
            "admin.spaces",
        )


def _of_settings(settings: Mapping[str, Any]) -> Iterator[Attention]:
    if settings["plein.second_factor"] == "optional":
        yield Attention(
            "note",
            _("Administrators can sign in with only a password"),
            _("Set plein.second_factor to administrators, and restart. Each sets up a second step when signing in."),
            "admin.settings",
        )
    if settings["plein.site_name"] == "Plein":
        yield Attention(
            "note",
            _("The site is still called Plein"),
            _("Give it the name of your organisation."),
            "admin.settings",
        )
