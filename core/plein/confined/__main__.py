"""The process itself: ``python -I -m plein.confined TASK``, with JSON on its standard input, and JSON as its answer."""

import importlib
import json
import os
import resource
import sys
from typing import Any

#: task → (module, function). The function is given the arguments and gives the answer.
TASKS = {
    "reencode": ("plein.confined.pictures", "reencode_file"),
    "sizes": ("plein.confined.pictures", "sizes_of_file"),
    "squares": ("plein.confined.pictures", "squares_of_file"),
    "text": ("plein.confined.texts", "text_of_file"),
}
_MB = 1 << 20


def _bound(asked: dict[str, Any]) -> None:
    """Give up what is not needed, before the first byte of the file is read."""
    for kind, most in (
        (resource.RLIMIT_AS, asked["memory_mb"] * _MB),
        (resource.RLIMIT_CPU, asked["seconds"]),
        (resource.RLIMIT_FSIZE, asked["file_mb"] * _MB),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
    os.nice(5)


def main() -> None:
    asked = json.load(sys.stdin)
    module, function = TASKS[sys.argv[1]]
    _bound(asked)
    try:
        answer = getattr(importlib.import_module(module), function)(**asked["arguments"])
    except MemoryError:
        answer = {"refused": "too-large"}
    except Exception as error:
        # Refusals say why; of anything else the kind is enough.
        answer = {"refused": getattr(error, "reason", "broken"), "megapixels": getattr(error, "megapixels", 0.0)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
