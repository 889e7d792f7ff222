"""Contents kept by their SHA-256 under the data folder: evidence, uploads, issued documents.

A file is written beside its place and renamed into it, so a crash or a full disk leaves either
the whole content or nothing, and the same content is kept once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def path_of(sha256: str) -> Path:
    """Where the content with this digest lies."""
    return Path(settings.DATA_DIR) / "files" / sha256[:2] / sha256


def keep(
    chunks: Iterable[bytes], limit: int, check: Callable[[Path], object] | None = None
) -> tuple[str, int]:
    """Store a content of at most `limit` bytes; its digest and size. More is an `InputError`.

    `check` sees the file before it is taken in; what it raises leaves nothing behind.
    """
    root = Path(settings.DATA_DIR) / "files"
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=root, prefix=".incoming-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise InputError(
                        Problem("file", "file_too_large", f"{limit // 1024 // 1024} MB")
                    )
                digest.update(chunk)
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        if check is not None:
            check(temporary)
        final = path_of(digest.hexdigest())
        final.parent.mkdir(exist_ok=True)
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)
    return digest.hexdigest(), size


def load(sha256: str) -> bytes:
    """The content with this digest."""
    return path_of(sha256).read_bytes()


def damaged(sha256: str) -> bool:
    """Whether the content is gone or no longer has its digest."""
    path = path_of(sha256)
    if not path.is_file():
        return True
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest() != sha256
