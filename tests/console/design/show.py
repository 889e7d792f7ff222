"""The style guide in a browser: ``python show.py [port] [districts.geojson]`` in this folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'"
)


def configure() -> None:
    from django.conf import settings

    settings.configure(
        DEBUG=True, SECRET_KEY="only for looking at the style guide", ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__, LANGUAGE_CODE="zh-hans", TIME_ZONE="Asia/Shanghai", USE_TZ=True,
        LANGUAGES=[("zh-hans", "中文"), ("en", "English")], STATIC_URL="/static/",
        INSTALLED_APPS=["django.contrib.staticfiles", "songhua.console.design"],
        MIDDLEWARE=["django.middleware.locale.LocaleMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                    "OPTIONS": {"context_processors": [
                        "django.template.context_processors.request"]}}],
    )  # fmt: skip
    import django

    django.setup()


def guarded(request: object, template: str, context: dict[str, object]) -> object:
    from django.shortcuts import render

    response = render(request, template, context)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def styleguide(request: object) -> object:
    import sample

    given = sys.argv[2:3]
    geojson = json.loads(Path(given[0]).read_text(encoding="utf-8")) if given else sample.SQUARES
    core = {"name": "主城区", "bounds": [[126.15, 45.52], [127.02, 46.02]]} if given else None
    return guarded(request, "design/styleguide.html", sample.styleguide(geojson, core))


def plain(request: object) -> object:
    import sample
    from django import forms

    class SignIn(forms.Form):
        username = forms.CharField(label="账号")
        password = forms.CharField(label="密码", widget=forms.PasswordInput)

    context = sample.styleguide() | {"form": SignIn()}
    return guarded(request, "sign_in_sample.html", context)


def error(request: object, code: str) -> object:
    import sample

    problems = sample.styleguide()["problems"] if code == "422" else None
    return guarded(request, f"{code}.html", {"problems": problems})


def main() -> None:
    configure()
    from django.core.management import call_command
    from django.template import engines
    from django.urls import path
    from django.views.i18n import set_language

    engines["django"].engine.dirs.append(HERE / "templates")
    global urlpatterns
    urlpatterns = [
        path("", styleguide, name="home"), path("plain/", plain, name="sign_in"),
        path("error/<str:code>/", error), path("sign-out/", styleguide, name="sign_out"),
        path("language/", set_language, name="set_language"),
    ]  # fmt: skip
    call_command("runserver", sys.argv[1] if len(sys.argv) > 1 else "8400", use_reloader=False)


if __name__ == "__main__":
    main()
