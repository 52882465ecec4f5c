"""Style sheet, scripts and icon. They leave no trace."""

from pathlib import Path

from fastapi import APIRouter, Response

from shared.assets import Assets
from shared.telemetry.decorator import Trace

FOLDER = Path(__file__).parents[1] / "static"


def add_assets(router: APIRouter, assets: Assets) -> None:
    @router.get("/static/{build}/{name}")
    @Trace(disable_tracing=True)
    async def read_asset(build: str, name: str) -> Response:
        return assets.answer(name, build)

    @router.get("/favicon.ico")
    @Trace(disable_tracing=True)
    async def read_icon() -> Response:
        return assets.answer("icon.svg")
