"""Generated data, as `scripts/generate_mocks` writes it."""

import json
from pathlib import Path
from typing import Any

from shared.errors import SettingError


def read_mocks(path: Path) -> Any:
    """The JSON of one file of the mocks folder; raises SettingError when it is not there or
    broken.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise SettingError(
            f"{path} cannot be read: `make mocks` writes it, ACME_MOCKS names its folder"
        ) from None
    except ValueError as error:
        raise SettingError(f"{path} is no JSON ({error}): `make mocks` writes it anew") from None
