"""Every test keeps its data in a folder of its own, never in the installation's."""

from __future__ import annotations

import os
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
