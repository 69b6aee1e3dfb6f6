"""The check that looks at a plugin's pages in a browser, as somebody with a telephone and somebody at a desk do."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waitress.server import create_server

from plein.authoring.checks.asking import pages
from plein.authoring.checks.result import Outcome, judged
from plein.authoring.checks.trial import Trial

#: The program that judges pages; it is loaded into them, and never served.
AXE_FILE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
#: What it looks for.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ASK = (
    "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
    ".then(answer => answer.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))]))"
)


def accessibility(trial: Trial) -> Outcome:
    """Every page that shows something: nothing that axe finds, one heading of the page, nothing beside the screen."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        return "not tried", "There is no browser here.", "Install one with: apt-get install chromium"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "not tried", "Playwright is not installed.", "Install it with: pip install 'plein[test]'"
    looked = _addresses(trial)
    if not looked:
        return "kept", "it has no pages"

    def look() -> list[str]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            try:
                return [one for path in looked for one in _seen(browser, trial, path)]
            finally:
                browser.close()

    # In a thread of its own: Playwright can be started once in each, and a test may have done so.
    with _served(trial), ThreadPoolExecutor(1) as thread:
        wrong = thread.submit(look).result()
    remedy = "https://dequeuniversity.com/rules/axe explains each of them; the macros of Plein keep them all."
    return judged(wrong, f"{len(looked)} pages at 320 and 1280 pixels, light and dark", remedy)


def _addresses(trial: Trial) -> list[str]:
    found = [page for page in pages(trial) if page.method == "GET" and page.place != "hidden" and not page.guessed]
    shown = []
    for path in dict.fromkeys(page.path for page in found):
        answer = trial.ask("manager", "GET", path)
        if answer.status_code == 200 and answer.content_type == "text/html":
            shown.append(path)
    return shown


@contextmanager
def _served(trial: Trial) -> Iterator[None]:
    host, _, port = trial.host.partition(":")
    server: Any = create_server(trial.app, host=host, port=int(port), threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Wakes the loop, so that it sees that its server is gone.
        server.pull_trigger()
        server.close()
        thread.join(timeout=5)


def _seen(browser: Any, trial: Trial, path: str) -> Iterator[str]:
    name, _, value = trial.cookies["manager"].partition("=")
    for width, scheme in ((320, "light"), (1280, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, base_url=f"http://{trial.host}", color_scheme=scheme,
            reduced_motion="reduce",
        )  # fmt: skip
        try:
            context.add_cookies([{"name": name, "value": value, "url": f"http://{trial.host}"}])
            page = context.new_page()
            page.goto(path)
            where = f"{path} at {width} pixels"
            if page.evaluate("document.documentElement.scrollWidth") > width:
                yield f"{where} is wider than the screen"
            if page.locator("h1").count() != 1:
                yield f"{where} has {page.locator('h1').count()} headings of the page"
            page.evaluate(f"() => {{ if (!window.axe) {{ {AXE_FILE.read_text('utf-8')} }} }}")
            for rule, places in page.evaluate(_ASK, RULES):
                yield f"{where}: {rule} {places[:2]}"
        finally:
            context.close()
