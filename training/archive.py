"""A folder as a tar stream: standard library, constant memory, whatever the size. Pure."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

BLOCK = 1024 * 1024
KEPT_BACK = {"state.safetensors", "state.json"}  # the optimiser's


def files_of(folder: str) -> list[Path]:
    """What a download holds; empty if the folder is not on this machine."""
    path = Path(folder)
    if not path.is_absolute() or not path.is_dir():
        return []
    return sorted(file for file in path.iterdir() if file.is_file() and file.name not in KEPT_BACK)


def tar(name: str, files: list[Path]) -> Iterator[bytes]:
    """Header, content and padding of each file, then the end mark."""
    for file in files:
        with open(file, "rb") as handle:
            info = tarfile.TarInfo(f"{name}/{file.name}")
            info.size = handle.seek(0, 2)
            info.mtime = int(file.stat().st_mtime)
            handle.seek(0)
            yield info.tobuf()
            left = info.size
            while left:  # exactly what the header promised, even if the file grew meanwhile
                block = handle.read(min(BLOCK, left))
                if not block:
                    raise OSError(f"{file} became shorter while it was read")
                left -= len(block)
                yield block
            yield b"\0" * (-info.size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)
