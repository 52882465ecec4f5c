"""The style sheet, the scripts and the icon of a service that a person looks at."""

import hashlib
from pathlib import Path

from fastapi import Response

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Assets:
    """The files of a folder, and single ones beside it, read once. Their addresses carry a hash of
    them all, so that a browser keeps them for ever.
    """

    def __init__(self, folder: Path, *more: Path) -> None:
        paths = sorted(path for path in (*folder.iterdir(), *more) if path.suffix in TYPES)
        self._files = {path.name: path.read_bytes() for path in paths}
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        self.build = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Modules import one another by relative address, so one hash names the whole set."""
        if name not in self._files:
            raise FileNotFoundError(f"{name} is not among {', '.join(self._files)}")
        return f"/static/{self.build}/{name}"

    def answer(self, name: str, build: str = "") -> Response:
        """The file; to be kept for ever when its address has the hash."""
        content = self._files.get(name)
        keep = FOR_EVER if build == self.build else ASK_AGAIN
        headers = {"Cache-Control": keep, "X-Content-Type-Options": "nosniff"}
        if content is None:
            return Response("no such file", 404, headers, "text/plain")
        return Response(content, 200, headers, TYPES[Path(name).suffix])
