"""The files of the dashboard, as a browser asks for them. They hold no secret: the page is a client of the control API."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

FOLDER = Path(__file__).parents[1] / "dashboard"
_HTML = "text/html; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
#: The files that are given, by how their names end. Others that lie in the folder, such as licences, are not.
TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": _SCRIPT,
    ".mjs": _SCRIPT,
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
#: The page runs its own scripts and asks this mock; nothing comes from, or goes to, anywhere else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

dashboard = Blueprint("dashboard", __name__, url_prefix="/_mock")


@dashboard.get("")
def root() -> Response:
    """To the page, by a relative address: a proxy may have put a path before ours."""
    query = quote(request.query_string, safe="/%[]=:;$&()+,!?*@'~")
    return Response(status=302, headers={"Location": f"_mock/?{query}" if query else "_mock/"})


@dashboard.get("/")
@dashboard.get("/docs")
def page() -> Response:
    """The page. Both addresses lie beside `page/`, so its references to the other files are the same."""
    return _sent(FOLDER / "index.html", _HTML)


@dashboard.get("/page/<path:name>")
def file(name: str) -> Response:
    """A file of the page. The name is looked up and never made a path of, so no spelling of it leads out of the folder."""
    found = page_files().get(name)
    if found is None:
        raise NotFound
    return _sent(found, TYPES[found.suffix])


def page_files() -> dict[str, Path]:
    """The files beside `index.html` by the names that a browser asks for, as they lie there now.

    Linked folders are not entered. A linked file is one of ours: some installers link every file.
    """
    found = (Path(folder, name) for folder, _, names in os.walk(FOLDER) for name in names)
    return {one.relative_to(FOLDER).as_posix(): one for one in found if one.suffix in TYPES and one.is_file()}


def _sent(path: Path, content_type: str) -> Response:
    answer = Response(path.read_bytes(), content_type=content_type)
    answer.headers.update({"Cache-Control": "no-cache", "Content-Security-Policy": POLICY})
    answer.add_etag()
    answer.make_conditional(request)
    return answer
