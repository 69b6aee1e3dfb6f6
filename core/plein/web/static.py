"""Own style, scripts, fonts and icons: read once at start, sent compressed, kept by browsers for ever.

The address holds a hash of all files together, so that a style sheet and a module may name their
neighbours by relative addresses and still never meet an older version of them.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.events import NewRequest
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

FOLDER = Path(__file__).resolve().parent.parent / "static"

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}

#: One file on the wire for several in the repository, in this order.
BUNDLES = {
    "css/plein.css": (
        "css/layers.css",
        "css/reset.css",
        "css/tokens.css",
        "css/elements.css",
        "css/components.css",
        "css/prose.css",
        "css/shell.css",
        "css/pages.css",
        "css/print.css",
    )
}

#: What addresses of plugins' files begin with: ``plugins/wiki/style.css`` is ``static/style.css`` of the wiki.
PLUGINS = "plugins"
#: Style sheets of a plugin that have a meaning: in the layer of plugins, or as the house style.
LAYERS = {"style.css": "plugin", "theme.css": "theme"}

FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    body: bytes
    zipped: bytes | None
    media_type: str


class StaticFiles:
    """All files below a folder, in memory, with the version that their addresses carry.

    :param others: more folders, by what their addresses begin with: ``plugins/wiki``.
    """

    def __init__(
        self,
        folder: Path = FOLDER,
        bundles: dict[str, tuple[str, ...]] | None = None,
        others: Mapping[str, Path] | None = None,
    ) -> None:
        self.folder = folder
        self.bundles = BUNDLES if bundles is None else bundles
        self.others = dict(others or {})
        self._stamp = self._newest()
        self._load()

    def _paths(self) -> dict[str, Path]:
        """The file of each address."""
        found = {}
        for start, folder in (("", self.folder), *((f"{name}/", folder) for name, folder in self.others.items())):
            for path in sorted(folder.rglob("*")):
                if path.suffix in MEDIA_TYPES and path.is_file():
                    found[start + path.relative_to(folder).as_posix()] = path
        return found

    def _newest(self) -> float:
        return max((path.stat().st_mtime for path in self._paths().values()), default=0.0)

    def _load(self) -> None:
        raw = {name: _layered(name, path.read_bytes()) for name, path in self._paths().items()}
        for name, parts in self.bundles.items():
            raw[name] = b"\n".join(_tight(raw[part]) for part in parts if part in raw)
            for part in parts:
                raw.pop(part, None)
        digest = hashlib.sha256()
        for name in sorted(raw):
            digest.update(name.encode() + b"\0" + raw[name])
        self.version = digest.hexdigest()[:12]
        self.files = {name: _packed(name, body) for name, body in raw.items()}

    def refresh(self) -> None:
        """Read again what changed on disk; for development."""
        stamp = self._newest()
        if stamp != self._stamp:
            self._stamp = stamp
            self._load()

    def url(self, path: str) -> str:
        """The address of *path*; KeyError names a file that does not exist."""
        if path not in self.files:
            raise KeyError(f"no static file {path}")
        return f"/static/{self.version}/{path}"


def _layered(name: str, body: bytes) -> bytes:
    """The style of a plugin, in the layer that comes after Plein's own; other files as they are."""
    layer = LAYERS.get(name.rpartition("/")[2]) if name.startswith(f"{PLUGINS}/") and name.count("/") == 2 else None
    return f"@layer {layer} {{\n".encode() + body + b"\n}\n" if layer else body


def _tight(style: bytes) -> bytes:
    """A style sheet without comments and indentation."""
    text = re.sub(r"/\*.*?\*/", "", style.decode(), flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()).encode()


def _packed(name: str, body: bytes) -> StaticFile:
    suffix = Path(name).suffix
    zipped = None if suffix in {".woff2", ".png"} else gzip.compress(body, 9, mtime=0)
    if zipped is not None and len(zipped) >= len(body):
        zipped = None
    return StaticFile(body, zipped, MEDIA_TYPES[suffix])


def serve(request: Request) -> Response:
    files: StaticFiles = request.registry["plein.static"]
    found = files.files.get("/".join(request.matchdict["path"]))
    if found is None:
        raise HTTPNotFound()
    response = Response(content_type=None)
    response.headers["Content-Type"] = found.media_type
    # An address of an older version (a page kept open during an upgrade) works, but is not kept.
    current = request.matchdict["version"] == files.version
    response.headers["Cache-Control"] = FOR_EVER if current else "public, max-age=60"
    if found.zipped is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if found.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.headers["Content-Encoding"] = "gzip"
        response.body = found.zipped
    else:
        response.body = found.body
    return response


def includeme(config: Configurator) -> None:
    registry: Any = config.registry
    installed = {f"{PLUGINS}/{info.name}": _folder(info.module) for info in registry["plein.plugins"].plugins}
    registry["plein.static"] = files = StaticFiles(others=installed)
    if config.get_settings()["pyramid.reload_templates"]:
        config.add_subscriber(lambda _event: files.refresh(), NewRequest)
    config.add_route("static", "/static/{version}/*path", request_method=("GET", "HEAD"))
    config.add_view(serve, route_name="static", permission=NO_PERMISSION_REQUIRED)


def _folder(module: Any) -> Path:
    """Where a plugin has its static files, if it has any."""
    return Path(str(module.__file__)).parent / "static"
