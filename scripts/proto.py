"""Writes the Python code of every .proto file anew: `make proto`, or `python -m scripts.proto`.

What it writes is committed, so that whoever runs the shop needs no compiler. The version of the
compiler is that of grpcio-tools in requirements-dev.lock; a test says whether the code is current.
"""

import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = tuple(sorted((ROOT / "shared" / "contracts").glob("*.proto")))
# What a file `payment.proto` becomes: messages, their types, and the stubs and servicers.
SUFFIXES = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py")


def generate(folder: Path) -> list[Path]:
    """Writes the code below `folder`, in the folders of the sources; answers the files. Raises
    ValueError for a source that cannot be compiled, whose compiler says why.
    """
    from google.api import annotations_pb2  # noqa: PLC0415
    from grpc_tools import protoc  # noqa: PLC0415 - a development dependency

    sources = [str(source.relative_to(ROOT)) for source in SOURCES]
    # google/api/annotations.proto comes with googleapis-common-protos, timestamp.proto and the
    # like with the compiler.
    includes = (ROOT, Path(annotations_pb2.__file__).parents[2], files("grpc_tools") / "_proto")
    into = [f"--{kind}_out={folder}" for kind in ("python", "pyi", "grpc_python")]
    if protoc.main(["protoc", *(f"--proto_path={one}" for one in includes), *into, *sources]):
        raise ValueError(f"{', '.join(sources)} cannot be compiled")
    stems = [folder / Path(source).with_suffix("") for source in sources]
    return [stem.with_name(stem.name + suffix) for stem in stems for suffix in SUFFIXES]


if __name__ == "__main__":
    try:
        generate(ROOT)
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed: make .venv/.ready-dev")
    except ValueError as error:
        sys.exit(str(error))
