"""Files of traces that `acme traces import` hands to lens."""

import os
from pathlib import Path

import pytest

from acme.connection import Unreachable
from acme.importing import import_file


@pytest.mark.parametrize("name", [b"traces.json", "größe.json".encode(), b"gr\xf6\xdfe.json"])
def test_a_file_may_have_a_name_that_is_not_ascii_or_no_text_at_all(
    tmp_path: Path, name: bytes
) -> None:
    file = tmp_path / os.fsdecode(name)
    file.write_text("{}")
    with pytest.raises(Unreachable, match="no lens answers"):
        import_file("http://127.0.0.1:1", file)
