"""A small application behind Plein's server, started by test_serving.py as a process of its own.

It answers with who served it, slowly where the path asks for that. Arguments: port, workers, then limits as JSON.
"""

import json
import os
import sys
import time
from urllib.parse import parse_qs

from plein.logs import configure_logging
from plein.serving import Limits, Parent, open_sockets
from plein.serving.sockets import PortTaken, address

GENERATION = os.environ.get("SERVED_GENERATION_FILE", "")


def application(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    time.sleep(float(query.get("sleep", ["0"])[0]))
    size = len(environ["wsgi.input"].read())
    answer = {
        "worker": os.getpid(),
        "parent": os.getppid(),
        "client": environ["REMOTE_ADDR"],
        "scheme": environ["wsgi.url_scheme"],
        "host": environ.get("HTTP_HOST"),
        "body": size,
        "generation": STARTED_WITH,
    }
    body = json.dumps(answer).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def generation():
    if not GENERATION:
        return ""
    with open(GENERATION, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    port, workers, limits = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    configure_logging("info", json=True)
    STARTED_WITH = generation()
    if STARTED_WITH == "broken":
        sys.exit(1)
    if "--check" in sys.argv:
        sys.exit(0)
    try:
        sockets = open_sockets("127.0.0.1", port)
    except PortTaken as error:
        sys.exit(str(error))
    limits["takes_files"] = lambda path: path.startswith("/files/")
    limits["trusted_proxies"] = tuple(limits.get("trusted_proxies", ()))
    where = address(sockets[0])
    parent = Parent(
        application, sockets, Limits(**limits), workers=workers, when_ready=lambda: print(f"serves {where}", flush=True)
    )
    parent.run()
