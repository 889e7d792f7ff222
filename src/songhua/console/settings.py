"""Settings of the console, read once from ``SONGHUA_*``. Nothing below the console reads them.

SONGHUA_DATA_DIR      where everything is kept (default: var)
SONGHUA_DATABASE_URL  postgresql://user:password@host:port/name; default: SQLite in the data folder
SONGHUA_SECRET_KEY    signing key; default: one made once and kept in the data folder
SONGHUA_HOSTS         host names that this console answers to, separated by commas
SONGHUA_ORIGINS       https://… origins behind a proxy, separated by commas
SONGHUA_PROGRAMME     folder of another city's programme; default: the bundled harbin_2022
SONGHUA_TODAY         pin the civil date, for demonstrations only (every page then says so)
SONGHUA_DEBUG         1 shows Django's own error pages, for developers only
SONGHUA_CLUSTER       ray://host:port of a Ray cluster that sees our data folder; default: none
SONGHUA_LEASE_SECONDS after how long without a sign of life work is taken up again (default: 30)
SONGHUA_RUN_SECONDS   how long a run or a check may take (default: 3600)
SONGHUA_KEEP_DAYS     how long the rows of scenario tables are kept (default: 1095)
SONGHUA_LOG_KEY       ed25519 or sm2 (with SM3): how a new evidence log is signed
SONGHUA_API_RATE      how many calls a token may make in a minute (default: 120)
SONGHUA_OPINION_RATE  how many opinions a network address may send in an hour (default: 30)
SONGHUA_BROKER        where programs are told of new versions: mqtt://[user:password@]host[:port]
SONGHUA_PORTAL_RATE   how many pages of the catalogue an address may open in a minute without an
                      account (default: 240)
SONGHUA_SIMULATED     1 where the records are simulated (every page and document then says so)
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

DATA_DIR = Path(os.environ.get("SONGHUA_DATA_DIR", "var")).absolute()
PROGRAMME = os.environ.get("SONGHUA_PROGRAMME", "")
TODAY = os.environ.get("SONGHUA_TODAY", "")
SIMULATED = os.environ.get("SONGHUA_SIMULATED", "") == "1"
DEBUG = os.environ.get("SONGHUA_DEBUG", "") == "1"
CLUSTER = os.environ.get("SONGHUA_CLUSTER", "")
LEASE_SECONDS = float(os.environ.get("SONGHUA_LEASE_SECONDS", "30"))
API_RATE = int(os.environ.get("SONGHUA_API_RATE", "120"))
LOG_KEY = os.environ.get("SONGHUA_LOG_KEY", "ed25519")
OPINION_RATE = int(os.environ.get("SONGHUA_OPINION_RATE", "30"))
BROKER = os.environ.get("SONGHUA_BROKER", "")
PORTAL_RATE = int(os.environ.get("SONGHUA_PORTAL_RATE", "240"))
KEEP_DAYS = int(os.environ.get("SONGHUA_KEEP_DAYS", "1095"))
RUN_MAX_SECONDS = float(os.environ.get("SONGHUA_RUN_SECONDS", "3600"))


def _list(name: str, default: str = "") -> list[str]:
    return [part for part in os.environ.get(name, default).split(",") if part]


def _secret_key() -> str:
    given = os.environ.get("SONGHUA_SECRET_KEY")
    if given:
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        try:  # "x": of two processes that start together, one writes and both read the same key
            with path.open("x") as stream:
                stream.write(secrets.token_urlsafe(50))
            path.chmod(0o600)
        except FileExistsError:
            pass
    return path.read_text()


def _database(url: str) -> dict[str, object]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "songhua.sqlite3",
            "CONN_MAX_AGE": 60,  # opening costs several milliseconds, with its pragmas
            "OPTIONS": {
                "timeout": 20,
                # A writer takes its lock at BEGIN, so two writers queue instead of failing midway.
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                " PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise SystemExit(f"SONGHUA_DATABASE_URL: postgresql://… is expected, not {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATA_DIR.mkdir(parents=True, exist_ok=True)
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _list("SONGHUA_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = _list("SONGHUA_ORIGINS")
if CSRF_TRUSTED_ORIGINS:  # behind a TLS proxy
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

INSTALLED_APPS = [
    "songhua.console.people",
    "songhua.console.ledger",
    "songhua.console.runs",
    "songhua.console.api",
    "songhua.console.subsidies",
    "songhua.console.innovation",
    "songhua.console.growth",
    "songhua.console.registers",
    "songhua.console.cooperation",
    "songhua.console.consultation",
    "songhua.console.exchange",
    "songhua.console.heating",
    "songhua.console.design",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "songhua.console.middleware.ContentSecurity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "songhua.console.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "songhua.console.api.door.ApiDoor",
    "songhua.console.middleware.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "songhua.console.middleware.Rights",
    "songhua.console.middleware.UserErrors",
]
ROOT_URLCONF = "songhua.console.urls"
WSGI_APPLICATION = "songhua.console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "songhua.console.context.shell",
            ],
            "builtins": ["songhua.console.design.templatetags.design"],
        },
    }
]
DATABASES = {"default": _database(os.environ.get("SONGHUA_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "songhua.console.people.passwords.MixedCharacters"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_NAME = "songhua_session"
CSRF_COOKIE_NAME = "songhua_csrf"
# In the database alone: a cache in each process would keep a session that another has ended.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "songhua_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Uploads stream to disk; the guard in songhua.tables refuses what is too large or a bomb.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = DATA_DIR  # the disk that has room for them; the system's may be memory
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
TABLE_MAX_BYTES = 2 * 1024 * 1024 * 1024  # a scenario's table

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "songhua": {"level": "INFO"},
        "django_tasks": {"level": "INFO"},
        "django.request": {"level": "ERROR"},  # refusals are answers, not faults
    },
}
