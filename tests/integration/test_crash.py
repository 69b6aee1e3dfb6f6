"""The short form of tests/crash/kill_nine.py: three kills in every run of the tests, fifty by hand."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROGRAM = Path(__file__).parents[1] / "crash/kill_nine.py"


@pytest.fixture
def kill_nine() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill_nine", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill_nine"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_no_acknowledged_save_is_lost_when_the_server_is_killed(kill_nine: ModuleType, tmp_path: Path) -> None:
    outcome = kill_nine.run(tmp_path, kills=3, seed=9)
    assert outcome.ok, outcome.as_json()
    assert outcome.acknowledged >= 3
