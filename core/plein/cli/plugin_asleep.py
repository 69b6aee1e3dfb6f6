"""A site of which one plugin is not loaded, asked for some pages: a part of ``plein plugin check``.

Reads settings, a cookie and paths from standard input as JSON, and writes the status of each path.
"""

import json
import sys

from webob import Request

from plein.app import build_app, build_site


def main() -> None:
    told = json.load(sys.stdin)
    app = build_app(build_site(told["values"]))
    statuses = {}
    for path in told["paths"]:
        request = Request.blank(path, base_url=told["values"]["plein.base_url"])
        request.headers["Cookie"] = told["cookie"]
        statuses[path] = request.get_response(app).status_code
    sys.stdout.write(f"\n{json.dumps(statuses)}\n")


if __name__ == "__main__":
    main()
