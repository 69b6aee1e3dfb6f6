"""How long signing in and asking for another password take, for a name that exists and for one that does not.

By hand: ``.venv/bin/python tests/bench/sign_in_timing.py [ROUNDS]``. The two medians are to be within ten percent: a
difference that can be measured tells who works here. The two kinds of names take turns, so that a machine that gets
slower gets slower for both.
"""

import statistics
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

# pyramid 2.1 still finds its assets through pkg_resources, which announces its end.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from webtest import TestApp  # noqa: E402

from plein.app import build_app, build_site  # noqa: E402
from plein.db import migrate  # noqa: E402
from plein.people.passwords import hash_password  # noqa: E402
from plein.testing import HOST, SECRET, add_user, all_seeing  # noqa: E402

#: More than this between the two medians can be told apart.
MOST = 0.10


def settings(folder: Path) -> dict[str, str]:
    many = ("sign_in", "write", "reset")
    return {
        "plein.database_url": f"sqlite:///{folder}/plein.sqlite",
        "plein.secret": SECRET,
        "plein.base_url": f"http://{HOST}",
        "plein.files_dir": f"{folder}/files",
        "plein.cache_dir": str(Path(".cache/templates").resolve()),
        "plein.smtp_host": "127.0.0.1",
        "plein.smtp_tls": "off",
        "plein.mail_from": "plein@example.nl",
        **{f"plein.{name}_limit": "10000" for name in many},
    }


def site(folder: Path, people: int) -> TestApp:
    found = build_site(settings(folder))
    migrate.upgrade(found.engine, found.plugins)
    with all_seeing(found.engine) as db:
        kept = hash_password("paard lamp rivier")
        for number in range(people):
            add_user(db, f"known{number}", email=f"known{number}@example.nl", password_hash=kept)
    environ = {"HTTP_HOST": HOST, "HTTP_ORIGIN": f"http://{HOST}"}
    return TestApp(build_app(replace(found, engine=found.engine)), extra_environ=environ)


def seconds(app: TestApp, path: str, fields: dict[str, str]) -> float:
    began = time.perf_counter()
    app.post(path, fields, status="*")
    return time.perf_counter() - began


def ratio(app: TestApp, path: str, rounds: int, more: dict[str, str]) -> float:
    """The median for known names, over that for unknown ones."""
    page: Any = app.get("/sign-in/local")
    token = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(rounds):
        # Each goes first as often as the other.
        for kind in ("known", "unknown") if number % 2 else ("unknown", "known"):
            fields = {"login": f"{kind}{number}", "csrf_token": token, **more}
            taken[kind].append(seconds(app, path, fields))
    known, unknown = (statistics.median(taken[kind]) for kind in ("known", "unknown"))
    print(f"{path}: known {known * 1000:.2f} ms, unknown {unknown * 1000:.2f} ms, ratio {known / unknown:.3f}")
    return known / unknown


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        app = site(Path(folder), rounds)
        found = [
            ratio(app, "/sign-in", rounds, {"password": "a wrong password"}),
            ratio(app, "/sign-in/forgot", rounds, {}),
        ]
    return int(any(abs(one - 1) > MOST for one in found))


if __name__ == "__main__":
    sys.exit(main())
