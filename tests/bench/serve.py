"""One server process to measure: ``python serve.py floor|plein DATABASE THREADS``, both served in the same way.

Writes a line of JSON when it answers: its port, and the cookie of somebody who has signed in. Ends when its standard
input does, so that it never outlives the program that measures.
"""

import gc
import json
import logging
import os
import socket
import sys
import threading
import warnings
from pathlib import Path

# pyramid 2.1 still finds its assets through pkg_resources, which announces its end.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import fill  # noqa: E402
import floor  # noqa: E402
from waitress import create_server  # noqa: E402

from plein.app import build_app, build_site  # noqa: E402
from plein.logs import configure_logging  # noqa: E402
from plein.security.cookies import session_cookie  # noqa: E402


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main(kind: str, database: str, threads: int) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    if kind == "floor":
        application = floor.make_app(database)
        cookie = floor.cookie(f"127.0.0.1:{port}")
    else:
        configure_logging("warning")
        site = build_site(fill.settings(Path(database), port))
        application = build_app(site)
        cookie = f"{session_cookie(application.registry)}={fill.sign_in(site)}"
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # What lives as long as the process is no garbage to look through.
    gc.collect()
    gc.freeze()
    server = create_server(application, sockets=[listening], threads=threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(json.dumps({"port": port, "cookie": cookie}), flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
