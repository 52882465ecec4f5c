"""Style sheet, scripts and icon."""

from pathlib import Path

from fastapi import APIRouter, Response

from shared.assets import Assets

FOLDER = Path(__file__).parents[2] / "static"


def add_assets(router: APIRouter, assets: Assets) -> None:
    @router.get("/static/{build}/{name}")
    def read_asset(build: str, name: str) -> Response:
        return assets.answer(name, build)

    @router.get("/favicon.ico")
    def read_icon() -> Response:
        return assets.answer("icon.svg")
