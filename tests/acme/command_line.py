"""The command line in the test's own process."""

from acme.cli import app


def acme(*arguments: str) -> int:
    """The exit code of a command; what it prints is pytest's to capture."""
    try:
        app(list(arguments), prog_name="acme")
    except SystemExit as end:
        return int(end.code or 0)
    raise AssertionError("every command ends with an exit code")
