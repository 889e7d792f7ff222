"""Browser files of other projects, pinned in one lock file. A developer's tool; users run nothing.

    python -m songhua.console.design.vendor check   every file on disk has the hash in the lock
    python -m songhua.console.design.vendor sync    fetch again; another sha512 is refused
    python -m songhua.console.design.vendor lock    write new hashes after `version` was edited

The lock says, per package: version, licence, sha512 of its archive, the folder, and for every file
where it lies in the archive (`from`, or null for a licence text that the archive leaves out) and
its sha256.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCK = HERE / "vendor.lock.json"
FOLDERS = {
    "console": HERE / "static" / "vendor",
    "tests": HERE.parents[3] / "tests" / "console" / "design" / "vendor",
}


def read() -> dict[str, Any]:
    return json.loads(LOCK.read_text(encoding="utf-8"))


def archive(name: str, version: str) -> bytes:
    """The published archive of one package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", "--ignore-scripts", f"{name}@{version}"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return next(Path(folder).glob("*.tgz")).read_bytes()


def integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def contents(name: str, package: dict[str, Any], data: bytes) -> dict[str, bytes]:
    """The files we keep of an archive; a package whose sha512 is not the locked one is refused."""
    if integrity(data) != package["integrity"]:
        raise SystemExit(f"{name}: sha512 is not the one in {LOCK.name}; nothing was written")
    kept = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for file, entry in package["files"].items():
            if entry["from"] is not None:
                member = tar.extractfile("package/" + entry["from"])
                if member is None:
                    raise SystemExit(f"{name}: {entry['from']} is not a file")
                kept[file] = member.read()
    return kept


def lock() -> None:
    """Hash the versions named in the lock anew, and the files in them."""
    packages = read()
    for name, package in packages.items():
        data = archive(name, package["version"])
        package["integrity"] = integrity(data)
        kept = contents(name, package, data)
        for file, entry in package["files"].items():
            if entry["from"] is None:
                kept[file] = (FOLDERS[package["folder"]] / file).read_bytes()
            entry["sha256"] = sha256(kept[file])
    LOCK.write_text(json.dumps(packages, indent=1) + "\n", encoding="utf-8")


def sync() -> None:
    """Fetch every package and write our files, after both of its hashes were compared."""
    for name, package in read().items():
        kept = contents(name, package, archive(name, package["version"]))
        for file, data in kept.items():
            if sha256(data) != package["files"][file]["sha256"]:
                raise SystemExit(f"{name}: {file} differs from its sha256 in {LOCK.name}")
        folder = FOLDERS[package["folder"]]
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in kept.items():
            (folder / file).write_bytes(data)
            print(f"{name}@{package['version']}  {file}  {len(data)} bytes")


def differences() -> list[str]:
    """Files that are missing, differ from the lock, or lie in a vendored folder unlocked."""
    found, known = [], {folder: set() for folder in FOLDERS}
    for package in read().values():
        folder = package["folder"]
        if not FOLDERS[folder].is_dir():  # an installed package carries no tests
            continue
        for file, entry in package["files"].items():
            known[folder].add(file)
            path = FOLDERS[folder] / file
            if not path.is_file():
                found.append(f"{file} is missing")
            elif sha256(path.read_bytes()) != entry["sha256"]:
                found.append(f"{file} differs from its sha256")
    for folder, files in known.items():
        for path in FOLDERS[folder].glob("*") if files else ():
            if path.name not in files:
                found.append(f"{path.name} is not in the lock")
    return found


def check() -> None:
    found = differences()
    print("\n".join(found) or "every vendored file has its locked hash")
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    commands = {"lock": lock, "sync": sync, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        raise SystemExit(__doc__)
    commands[sys.argv[1]]()
