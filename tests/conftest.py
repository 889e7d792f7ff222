"""Every test keeps its data in a folder of its own, never in the installation's."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

# Before Django reads its settings: one folder for each worker of the test run.
FOLDER = tempfile.TemporaryDirectory(prefix="songhua-test-")  # removed when the worker ends
os.environ["SONGHUA_DATA_DIR"] = FOLDER.name
os.environ["SONGHUA_SECRET_KEY"] = "for tests only"
for name in ("SONGHUA_TODAY", "SONGHUA_SIMULATED", "SONGHUA_PROGRAMME"):
    os.environ.pop(name, None)
os.environ["DJANGO_SETTINGS_MODULE"] = "songhua.console.settings"

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of worked cases; skips where this machine has none."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here: the worked cases cannot be compared")
    return SHARED


@pytest.fixture(autouse=True)
def quick_settings(settings, tmp_path):
    """A data folder of its own, quick password hashing, jobs run at once."""
    settings.DATA_DIR = tmp_path / "data"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def install_toy(tmp_path, monkeypatch):
    """Puts the toy scenario where this process and those it starts find it, as pip would.

    ``install_toy(file, old, new)`` changes a text of one of its files first.
    """
    from songhua.kit.messages import catalogue
    from songhua.kit.terms import terms
    from songhua.runtime.execute import code_version
    from songhua.runtime.registry import scenarios

    def forget() -> None:
        sys.modules.pop("songhua_toy", None)
        for remembered in (catalogue, scenarios, terms, code_version):
            remembered.cache_clear()
        # The worker's warm process knows the scenarios of the moment it was started.
        if "songhua.console.runs.services.supervise" in sys.modules:
            from songhua.console.runs.services.supervise import our_lane

            our_lane().stop()
            our_lane.cache_clear()

    def install(file: str = "__init__.py", old: str = "", new: str = ""):
        site = tmp_path / "site"
        package = site / "songhua_toy"
        shutil.copytree(Path(__file__).parent / "scenarios" / "elsewhere" / package.name, package)
        text = (package / file).read_text("utf-8")
        assert old in text, f"{file} does not say {old!r}"
        (package / file).write_text(text.replace(old, new) if old else text, "utf-8")
        announced = site / "songhua_toy-1.dist-info"
        announced.mkdir()
        (announced / "METADATA").write_text("Name: songhua_toy\nVersion: 1\n")
        (announced / "entry_points.txt").write_text(
            "[songhua.scenarios]\ntoy = songhua_toy:scenario\n"
        )
        monkeypatch.syspath_prepend(site)
        monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)
        forget()
        return scenarios()["toy"]

    yield install
    forget()


@pytest.fixture
def toy_scenario(install_toy):
    """The toy scenario, found by this process and by those it starts."""
    return install_toy()
