"""Style sheet, scripts and icon; their address carries a hash of them all: keep them for ever."""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Response

FOLDER = Path(__file__).parents[2] / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Assets:
    """The files of the static folder, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.iterdir() if path.suffix in TYPES)
        self._files = {path.name: path.read_bytes() for path in paths}
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        self.build = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Modules import one another by relative address, so one hash names the whole set."""
        if name not in self._files:
            raise FileNotFoundError(f"{name} is not among the static files of lens")
        return f"/static/{self.build}/{name}"

    def answer(self, name: str, keep: str) -> Response:
        content = self._files.get(name)
        headers = {"Cache-Control": keep, "X-Content-Type-Options": "nosniff"}
        if content is None:
            return Response("no such file", 404, headers, "text/plain")
        return Response(content, 200, headers, TYPES[Path(name).suffix])


def add_assets(router: APIRouter, assets: Assets) -> None:
    @router.get("/static/{build}/{name}")
    def read_asset(build: str, name: str) -> Response:
        return assets.answer(name, FOR_EVER if build == assets.build else ASK_AGAIN)

    @router.get("/favicon.ico")
    def read_icon() -> Response:
        return assets.answer("icon.svg", ASK_AGAIN)
