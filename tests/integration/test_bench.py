"""The bench itself, in miniature: every page of both servers is asked a few times, and the report is written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.mark.slow
def test_bench_measures_both_servers_and_writes_its_figures(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    sizes = ["--pages", "60,70", "--rounds", "1", "--requests", "8"]
    command = [sys.executable, str(BENCH), *sizes, "--data", str(tmp_path / "data"), "--json", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text(encoding="utf-8"))
    measured = {(one["server"], one["pages"], one["page"]) for one in found["figures"]}
    reads = {"wiki page", "page list", "search, rare word", "search, common word"}
    assert measured == {
        *(("floor", pages, page) for pages in (60, 70) for page in ("wiki page", "save", "save, rendered")),
        *(("Plein", pages, page) for pages in (60, 70) for page in (*reads, "save", "save, rendered")),
    }
    for one in found["figures"]:
        assert one["p99_ms"] >= one["p50_ms"] > 0
        assert one["requests"] > 0
        if one["server"] == "Plein" and one["page"] in reads:
            assert 0 < one["statements"] <= 10


@pytest.mark.slow
def test_changes_on_the_ladder_fail_no_page_and_are_known_in_every_process(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH / "ladder_load.py"), "--changes", "12"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["changes"] == 12
