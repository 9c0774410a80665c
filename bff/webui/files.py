"""The built web app: one page for every address that is not ours otherwise, and its files."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from bff.webui.policy import new_nonce, page_policy
from services.shared.kit.errors import NotFound
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
NONCE = "__CSP_NONCE__"
FOREVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
_CLOSED = frozenset({"api", "auth", "bff", "assets"})
_NOT_BUILT = """OneClick runs, but its web app is not here.

This process looks for index.html in the folder that WEBUI_DIR names. Build the web app (`make up` and `make demo` do
it by themselves) or point WEBUI_DIR at the built files.
"""


class WebApp:
    """The folder that the build made. It may be built anew while we run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._files = StaticFiles(directory=self._folder, check_dir=False)
        self._page = ""
        self._built_at = 0.0

    def is_built(self) -> bool:
        """Whether there is a page to serve."""
        return (self._folder / "index.html").is_file()

    def page(self) -> Response:
        """The app's page with its own nonce; a plain text that says what is missing when there is none."""
        index = self._folder / "index.html"
        try:
            built_at = index.stat().st_mtime
            if built_at != self._built_at:
                self._page, self._built_at = index.read_text(encoding="utf-8"), built_at
        except (OSError, UnicodeDecodeError) as error:
            log.error("webui_missing", error=type(error).__name__)
            return PlainTextResponse(_NOT_BUILT, 503)
        nonce = new_nonce()
        return HTMLResponse(
            self._page.replace(NONCE, nonce),
            headers={"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"},
        )

    async def find_file(self, path: str, request: Request, caching: str) -> Response | None:
        """The file at `path`, never one whose name begins with a dot, nor the page without its nonce."""
        parts = path.split("/")
        if path in {"", "index.html"} or any(part.startswith(".") for part in parts) or "\0" in path:
            return None
        try:
            response = await self._files.get_response("/".join(parts), request.scope)
        except (HTTPException, OSError):
            return None
        response.headers["Cache-Control"] = caching
        return response


def router(webapp: WebApp) -> APIRouter:
    """The last of the routes: it takes what is left."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/assets/{path:path}", methods=["GET", "HEAD"])
    async def get_asset(path: str, request: Request) -> Response:
        found = await webapp.find_file(f"assets/{path}", request, FOREVER)
        if found is None:
            raise NotFound("There is no such file.")
        return found

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def get_page(path: str, request: Request) -> Response:
        if path.split("/")[0] in _CLOSED:
            raise NotFound("There is nothing at this address.")
        return await webapp.find_file(path, request, ASK_EACH_TIME) or webapp.page()

    return routes
