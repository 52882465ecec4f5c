"""What is kept is for the user alone who runs it: orders, sessions, tokens, traces."""

import os
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = 0o077


def keep_private() -> None:
    """Whatever this process and its children make from now on is 0600, a folder 0700."""
    os.umask(OTHERS)


def make_private(*paths: Path) -> None:
    """The same for what is there already, with all that is in a folder; links are not followed."""
    for path in paths:
        with suppress(OSError):  # somebody else's, or gone meanwhile
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                continue
            if mode & OTHERS:
                path.chmod(stat.S_IMODE(mode) & ~OTHERS)
            if stat.S_ISDIR(mode):
                make_private(*path.iterdir())
