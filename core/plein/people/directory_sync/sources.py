"""The sources that there are: the CSV files on the server, and what plugins declare. Each is read by a job."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from plein.contributions import Job
from plein.db import utcnow
from plein.directories import DirectoryContext, DirectorySource, GroupRecord, PersonRecord
from plein.jobs import JobContext, JobRefused, enqueue
from plein.people.directory_sync.columns import guess, read_rows
from plein.people.directory_sync.csv_files import MAX_BYTES, UPLOADS, FileRefused, open_table
from plein.people.directory_sync.runs import plan_of, read_last, run
from plein.people.directory_sync.uploads import throw_away
from plein.plugins import PluginError, Plugins
from plein.settings import Settings
from plein.web.i18n import _

#: The job that reads one source, and the one that looks which of them it is time for.
SYNC, LOOK = "people.sync_directory", "people.look_at_directories"


def sources(plugins: Plugins, settings: Settings) -> dict[str, DirectorySource]:
    """The sources by name.

    :raises PluginError: where two have one name.
    """
    declared = plugins.collect("register_directory_sources", settings=settings)
    found = {source.name: source for source in declared}
    if len(found) < len(declared) or UPLOADS in found:
        raise PluginError("Two sources of people have one name: theirs would be mixed up. Rename one.")
    return found


def csv_source(settings: Settings) -> list[DirectorySource]:
    """The CSV files that ``plein.directory_csv`` names; none where it is empty."""
    if not settings["plein.directory_csv"]:
        return []
    return [
        DirectorySource(
            "csv_file",
            _("CSV files on the server"),
            read_csv_files,
            every=timedelta(hours=settings["plein.directory_hours"]),
            groups=bool(settings["plein.directory_groups_csv"]),
        )
    ]


def read_csv_files(context: DirectoryContext) -> Iterator[PersonRecord | GroupRecord]:
    """Groups first, then people, from the files that the settings name. A missing file changes nothing."""
    for kind, setting in (("groups", "plein.directory_groups_csv"), ("people", "plein.directory_csv")):
        if context.settings[setting]:
            yield from _read_file(context, Path(context.settings[setting]), kind)


def _read_file(context: DirectoryContext, path: Path, kind: str) -> Iterable[PersonRecord | GroupRecord]:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    try:
        table = open_table(data)
    except FileRefused as refused:
        context.refuse(refused.sentence, refused.line)
        return
    yield from read_rows(context, table, kind, guess(kind, table.columns))


def look(context: JobContext) -> None:
    """Have each source read that it is time for, and throw away files that nobody brought in."""
    found = sources(context.site.plugins, context.site.settings)
    with context.session() as db:
        throw_away(db)
        last = read_last(db)
        for name, source in found.items():
            if source.every is not None and (name not in last or utcnow() - last[name] >= source.every):
                # One that waits already is not asked for twice.
                enqueue(db, SYNC, {"source": name}, key=f"{SYNC} {name}", user_id=None)


def sync(context: JobContext, source: str, allowed: int | None = None) -> None:
    """Read one source and bring it in; what became of it is kept for the page of runs.

    :param allowed: how many accounts somebody allowed to be closed, over the limit.
    """
    found = sources(context.site.plugins, context.site.settings).get(source)
    if found is None:
        raise JobRefused(f"there is no source of people called {source}")
    with context.session() as db:
        run(db, plan_of(found, context.site.settings, allowed), dry_run=False)


DIRECTORY_JOBS = (
    Job(SYNC, sync, _("Bring in people and groups from a directory"), attempts=1),
    Job(LOOK, look, _("See which directory it is time for"), every=timedelta(minutes=10), attempts=1),
)
