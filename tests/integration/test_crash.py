"""The short form of tests/crash/kill_work.py: two kills in every run of the tests, as many as you like by hand."""

from pathlib import Path

import kill_work
import pytest


@pytest.mark.slow
def test_nothing_is_lost_half_done_or_done_twice_when_the_server_is_killed(
    empty_url: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    # Compiling every page takes seconds; the other tests keep what comes of it here, too.
    cache = pytestconfig.cache.mkdir("templates") if pytestconfig.cache else None
    database = empty_url.replace("%", "%%")
    outcome = kill_work.run(tmp_path, kills=2, seed=9, longest=0.4, database=database, cache=cache)
    assert outcome.ok, outcome.as_json()
