"""The page that takes files of traces, and says for each what was read."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import UploadFile

from lens.routes.importing import IN_FLIGHT, MAX_BYTES, Imported, Importer, refuse_other_sites
from lens.routes.pages.shell import Shell
from lens.store import TraceStore
from traces.formats.reading import NoTraces

MAX_FILES = 100
PASTED = "the text you pasted"


def add_import(router: APIRouter, store: TraceStore, shell: Shell) -> None:
    importer = Importer(store)

    @router.get("/import")
    async def show_form() -> HTMLResponse:
        return await page(shell)

    @router.post("/import")
    async def import_files(request: Request) -> HTMLResponse:
        refuse_other_sites(request)
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or int(declared) > IN_FLIGHT:
            too_large = f"At most {IN_FLIGHT // 2**20} MB can be imported at once."
            return await page(shell, 413, wrong=too_large)
        imported: list[Imported] = []
        failed: list[tuple[str, str]] = []
        for name, content in await files_of(request):
            try:
                imported.append(await importer.take(name, content))
            except NoTraces as error:
                failed.append((name, str(error)))
        if not imported and not failed:
            return await page(shell, 400, wrong="Choose a file, or paste JSON.")
        return await page(shell, 200 if imported else 400, imported=imported, failed=failed)


async def page(
    shell: Shell,
    status: int = 200,
    *,
    wrong: str = "",
    imported: list[Imported] | None = None,
    failed: list[tuple[str, str]] | None = None,
) -> HTMLResponse:
    return await shell.page(
        "import.html", status, wrong=wrong, imported=imported or [], failed=failed or []
    )


async def files_of(request: Request) -> list[tuple[str, bytes]]:
    """The files of the form by name, and the pasted text as one more."""
    async with request.form(max_files=MAX_FILES, max_part_size=MAX_BYTES) as form:
        found = [
            (entry.filename or "a file", await entry.read())
            for entry in form.getlist("file")
            if isinstance(entry, UploadFile) and (entry.filename or entry.size)
        ]
        text = form.get("text")
    if isinstance(text, str) and text.strip():
        found.append((PASTED, text.encode()))
    return found
