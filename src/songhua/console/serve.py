"""The web server: granian with a bounded number of threads, serving static files itself."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

THREADS = 4  # each may hold a database connection


def serve(host: str, port: int, processes: int = 1) -> None:
    """Serve until stopped."""
    call_command("collectstatic", verbosity=0, interactive=False)
    Granian(
        "songhua.console.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        static_path_route=["/static"],
        static_path_mount=[settings.STATIC_ROOT],
        static_path_expires=3600,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()
