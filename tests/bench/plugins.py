"""What installed plugins cost a page: ``python tests/bench/plugins.py``. Prints ratios, of CPU time and of statements.

Three sites on one database: the core alone, with thirty plugins that are off, and with thirty that are on. Each plugin
implements the hooks of a page and answers nothing. The sites are asked in turn, so that a busy machine hits all alike.
"""

import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

# pyramid 2.1 still finds its assets through pkg_resources, which announces its end.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

from sqlalchemy import event  # noqa: E402
from webob import Request  # noqa: E402

from plein.app import Site, build_app, build_site  # noqa: E402
from plein.db import build_engine, migrate, open_session  # noqa: E402
from plein.hookspecs import hookimpl  # noqa: E402
from plein.logs import configure_logging  # noqa: E402
from plein.people.models import User  # noqa: E402
from plein.people.sessions import SessionService  # noqa: E402
from plein.plugins import Candidate, build_plugins, registry  # noqa: E402
from plein.security.cookies import session_cookie  # noqa: E402
from plein.spaces.models import Membership, Space  # noqa: E402

PLUGINS = 30
ROUNDS, REQUESTS = 15, 12
PAGES = ("/", "/spaces/handbook")
BASE = "http://127.0.0.1:6543"
#: What the issue asks: statements more, CPU more, and microseconds for each call of a hook.
MAY = {"statements": 1, "cpu": 1.05, "hook": 50.0}


def _plugin(number: int) -> Candidate:
    name = f"bench{number}"
    module = ModuleType(f"plein_{name}")
    module.__file__ = f"/plein_{name}/__init__.py"
    hooks: dict[str, Callable[..., Any]] = {
        "navigation_items": lambda request: [],
        "page_items": lambda request, slot, context: [],
        "content_actions": lambda request, item: [],
        "on_content_changed": lambda db, change: None,
    }
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    return Candidate(name, f"plein_{name}", f"plein-{name}", "1.0", ("plein>=1,<2",), lambda: module)


def _site(folder: Path, plugins: int, stage: str) -> Site:
    registry.discover = lambda: [_plugin(number) for number in range(plugins)]
    return build_site(
        {
            "plein.database_url": f"sqlite:///{folder}/plein.sqlite",
            "plein.secret": "only for a measurement, and long enough",
            "plein.base_url": BASE,
            "plein.files_dir": str(folder / "files"),
            "plein.second_factor": "optional",
            "plein.new_plugins": stage,
        }
    )


def _fill(folder: Path) -> str:
    """A migrated database with somebody who manages a space; the token of their session."""
    engine = build_engine(f"sqlite:///{folder}/plein.sqlite")
    migrate.upgrade(engine, build_plugins({}, environ={}, candidates=[]))
    with open_session(engine, writes=True) as db, db.begin():
        anna, space = User(uid="anna", login="anna", name="Anna"), Space(uid="space", slug="handbook", name="Handbook")
        db.add_all([anna, space])
        db.flush()
        db.add(Membership(space_id=space.id, user_id=anna.id, role="manager"))
        token = SessionService(db).start(anna.id, lasts=timedelta(days=1), strong=True)
    engine.dispose()
    return str(token)


class Asker:
    """A site, and what asking it costs."""

    def __init__(self, site: Site, token: str) -> None:
        self.site, self.app = site, build_app(site)
        self._cookie = f"{session_cookie(self.app.registry)}={token}"
        self.statements = 0
        event.listen(site.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements += not statement.startswith(("BEGIN", "PRAGMA"))

    def ask(self, path: str, times: int) -> float:
        """CPU seconds of a request, in this process."""
        began = time.process_time()
        for _each in range(times):
            answer = Request.blank(path, base_url=BASE, headers={"Cookie": self._cookie}).get_response(self.app)
            assert answer.status_code == 200, answer.status
        return (time.process_time() - began) / times


def measure(folder: Path, say: Callable[[str], object] = print) -> bool:
    """Say what plugins cost; whether that is what it may be."""
    token, well = _fill(folder), True
    askers = {
        "core alone": Asker(_site(folder, 0, "on"), token),
        f"{PLUGINS} that are off": Asker(_site(folder, PLUGINS, "off"), token),
        f"{PLUGINS} that are on": Asker(_site(folder, PLUGINS, "on"), token),
    }
    core, off, on = askers
    for path in PAGES:
        statements, seconds = {}, {name: [] for name in askers}
        for name, asker in askers.items():
            asker.ask(path, 3)
            asker.statements = 0
            asker.ask(path, 1)
            statements[name] = asker.statements
        calls = _calls(askers[on], path)
        for _each in range(ROUNDS):
            for name, asker in askers.items():
                seconds[name].append(asker.ask(path, REQUESTS))
        # Within a round all are asked at nearly the same moment: the ratio there is what a busy machine spoils least.
        ratio = {
            name: statistics.median(mine / alone for mine, alone in zip(seconds[name], seconds[core], strict=True))
            for name in askers
        }
        alone = min(seconds[core])
        more = statistics.median(mine - base for mine, base in zip(seconds[on], seconds[core], strict=True))
        hook = more / calls * 1e6
        extra = {name: found - statements[core] for name, found in statements.items()}
        say(f"{path}: core alone {alone * 1000:.2f} ms, {statements[core]} statements")
        say(f"  {off}: CPU × {ratio[off]:.3f} (may be {MAY['cpu']}), {extra[off]:+d} statements")
        say(
            f"  {on}: CPU × {ratio[on]:.3f}, {extra[on]:+d} statements; "
            f"{calls} hooks called, {hook:.1f} µs each (may be {MAY['hook']:g})"
        )
        well &= ratio[off] <= MAY["cpu"] and extra[off] <= MAY["statements"] and hook <= MAY["hook"]
    for asker in askers.values():
        asker.site.engine.dispose()
    return well


def _calls(asker: Asker, path: str) -> int:
    with asker.site.plugins.spent.tracing() as runs:
        asker.ask(path, 1)
    return len(runs)


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith("PLEIN_")]:
        del os.environ[name]
    configure_logging("error")
    with tempfile.TemporaryDirectory(prefix="plein-bench-") as made:
        sys.exit(0 if measure(Path(made)) else 1)
