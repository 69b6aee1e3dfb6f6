"""The side that asks: starts the process, waits no longer than it may take, and reads its answer."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import structlog

log = structlog.get_logger(__name__)

#: An answer is a few words about a picture, or the words in a document; in bytes.
MOST_ANSWERED = 4 << 20


class Confined(ValueError):
    """The process gave no answer, or a refusal. ``reason`` is a word: ``died``, ``slow``, ``broken``, ``encrypted`` …

    :ivar details: numbers that belong to it, such as ``megapixels``.
    """

    def __init__(self, reason: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = dict(details or {})


def run(task: str, arguments: Mapping[str, Any], *, seconds: int, memory_mb: int, file_mb: int = 256) -> dict[str, Any]:
    """What *task* (of ``plein.confined.__main__``) answers.

    :param arguments: what JSON can hold, paths of files among it.
    :param seconds: of the clock, after which the process is ended; it has as much time of a processor.
    :param memory_mb: what it may have in its address space.
    :param file_mb: the largest file that it may write.
    :raises Confined: where it answers with a refusal, or not at all.
    """
    asked = {"arguments": dict(arguments), "seconds": seconds, "memory_mb": memory_mb, "file_mb": file_mb}
    with tempfile.TemporaryFile() as answer:
        try:
            # Nothing of this process's environment: secrets may be in it.
            done = subprocess.run(  # noqa: S603 - our own program, with our own words
                [sys.executable, "-I", "-m", "plein.confined", task],
                input=json.dumps(asked).encode(),
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            log.warning("confined.slow", task=task, seconds=seconds)
            raise Confined("slow") from None
        answer.seek(0)
        return _read(task, done.returncode, answer.read(MOST_ANSWERED))


def _read(task: str, status: int, answer: bytes) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    if status or not isinstance(found, dict):
        # A negative number is the signal that ended it: too much memory or time.
        log.warning("confined.died", task=task, status=status)
        raise Confined("died")
    if "refused" in found:
        raise Confined(str(found["refused"]), found)
    return found
