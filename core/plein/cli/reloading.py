"""``plein serve --reload``: serve, and replace the site by what the code says as soon as a file of it is saved.

Templates, style and scripts are read anew by the site itself (setting ``plein.reload``); for Python, translations and
settings the site must start again. It keeps its socket meanwhile, so that a browser only waits.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

import plein
from plein.authoring.catalogues import compile_file
from plein.plugins import discover

#: Endings of files for which the site starts again.
WATCHED = (".py", ".po", ".ini", ".toml")
_PAUSE_SECONDS = 0.5


def serve_reloading(settings_file: Path) -> int:
    """Run this command without ``--reload`` until it is told to stop; its exit code."""
    command = [sys.executable, *(part for part in sys.orig_argv[1:] if part != "--reload")]
    folders = watched_folders()
    before = stamps(folders, settings_file)
    site = start(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: _stop(site, got))
    while True:
        time.sleep(_PAUSE_SECONDS)
        now = stamps(folders, settings_file)
        changed = sorted(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))
        before = now
        if changed:
            click.echo(f"Changed: {', '.join(path.name for path in changed)}", err=True)
            for path in changed:
                if path.suffix == ".po" and path.exists():
                    compile_file(path)
            if site.poll() is None:
                site.send_signal(signal.SIGHUP)
            else:
                site = start(command)
        elif site.poll() is not None:
            if _told_to_stop or site.returncode in (0, -signal.SIGINT, -signal.SIGTERM):
                return max(site.returncode, 0)
            _wait_for_repair(site)


_told_to_stop: list[int] = []
_waiting: list[int] = []


def _stop(site: subprocess.Popen[bytes], number: int) -> None:
    _told_to_stop.append(number)
    if site.poll() is None:
        site.send_signal(number)


def _wait_for_repair(site: subprocess.Popen[bytes]) -> None:
    """Say once that the site is down: it starts again when a file is saved."""
    if site.pid not in _waiting:
        _waiting.append(site.pid)
        click.echo("The site stopped. It starts again when you save a file; Ctrl+C ends it.", err=True)


def start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=os.environ | {"PLEIN_RELOAD": "true"})  # noqa: S603


def watched_folders() -> list[Path]:
    """The packages of the core and of every installed plugin."""
    folders = [Path(str(plein.__file__)).parent]
    for candidate in discover():
        spec = importlib.util.find_spec(candidate.package)
        if spec is not None and spec.origin:
            folders.append(Path(spec.origin).parent)
    return folders


def stamps(folders: list[Path], settings_file: Path) -> dict[Path, int]:
    """When each watched file was saved."""
    found = {}
    for path in [*_files(folders), settings_file]:
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            # Saved by an editor at this moment: it writes another file and gives it this name.
            continue
    return found


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in WATCHED:
                yield path
