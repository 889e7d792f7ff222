"""What the design promises: two languages, escaped values, colour never alone, true hashes."""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from songhua.console.design import charts, figures, say, vendor
from songhua.console.design.icons import ICONS, SHAPES
from songhua.console.design.templatetags import design

HERE = Path(__file__).parent
DESIGN = Path(vendor.__file__).parent
ERRORS = ("400", "403", "403_csrf", "404", "409", "413", "422", "500")


def sample():
    spec = importlib.util.spec_from_file_location("design_sample", HERE / "sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(text, **context):
    return engines["django"].from_string("{% load design %}" + text).render(context)


def page(template, context, path="/?page=2"):
    """The template in the context alone: no session, no database."""
    request = RequestFactory().get(path)
    return render_to_string(template, {**context, "request": request})


@pytest.mark.parametrize(("language", "text"), [("zh-hans", "共 3 条"), ("en", "3 rows")])
def test_a_pair_is_shown_in_the_language_of_the_reader(language, text):
    with translation.override(language):
        assert shown('{% say "共 {n} 条" "{n} rows" n=count %}', count=3) == text
        assert str(say("共 {n} 条", "{n} rows", n=3)) == text


def test_a_python_pair_waits_until_it_is_shown():
    pair = say("台账", "Ledger")
    with translation.override("en"):
        assert str(pair) == "Ledger"
    with translation.override("zh-hans"):
        assert str(pair) == "台账"


def test_values_are_escaped_and_unknown_is_a_dash():
    text = shown('{% say "你好 {who}" "Hello {who}" who=who %}', who="<b>")
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert shown('{% say "共 {n}" "{n}" n=n %}', n=None) == f"共 {figures.UNKNOWN}"
    assert "&lt;i&gt;" in shown("{% say zh en %}", zh="<i>", en="<i>")


def test_a_field_falls_back_to_the_other_language():
    unit = SimpleNamespace(name_zh="市科技局", name_en="")
    with translation.override("en"):
        assert shown('{{ u|say_field:"name" }}', u=unit) == "市科技局"
        assert shown('{{ u|say_field:"name" }}', u={"name_zh": "甲", "name_en": "A"}) == "A"


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_is_well_formed_and_silent_unless_named(name):
    from xml.etree import ElementTree

    drawn = design.icon(name)
    ElementTree.fromstring(drawn)
    assert 'aria-hidden="true"' in drawn
    assert 'role="img" aria-label="x&quot;y"' in design.icon(name, label='x"y')


@pytest.mark.parametrize("colour", sorted(SHAPES))
def test_a_light_is_colour_and_shape_and_word(colour):
    drawn = design.light(colour, ["滞后 <3 个月"])
    assert f"light-{colour}" in drawn
    assert design.WORDS[colour][0] in drawn
    assert "滞后 &lt;3 个月" in drawn
    assert len(set(SHAPES.values())) == len(SHAPES)


def test_a_light_nobody_knows_is_grey():
    assert "light-grey" in design.light(None)
    assert "light-grey" in design.light("purple")


def test_missing_progress_is_said_and_not_drawn_as_zero():
    assert "未报送" in design.progress(None, Decimal(60))
    assert "meter-bar" not in design.progress(None)
    assert 'aria-valuenow="62.5"' in design.progress(Decimal("62.50"), 60, "任务")
    assert "width:100%" in design.progress(Decimal(130))


def test_dates_and_figures():
    assert figures.month_label("2023-06") == "2023年6月"
    assert figures.day(date(2023, 7, 5)) == '<time datetime="2023-07-05">2023-07-05</time>'
    assert figures.day_text(date(2023, 7, 5), "long") == "2023年7月5日"
    assert figures.figure(Decimal("1284.50")) == "1,284.5"
    assert figures.figure(100) == "100"
    assert figures.figure(Decimal("0.125"), 2) == "0.13"
    assert figures.percent(None) == figures.UNKNOWN
    with translation.override("en"):
        assert figures.month_label(date(2023, 6, 1)) == "Jun 2023"


def test_the_query_string_keeps_what_was_not_changed():
    request = RequestFactory().get("/?q=热&page=2")
    template = engines["django"].from_string(
        "{% load design %}{% query page=3 %}|{% query q=None %}"
    )
    assert template.render({"request": request}) == "?q=%E7%83%AD&amp;page=3|?page=2"


def test_a_chart_carries_its_figures_as_a_table_and_its_json_cannot_end_the_script():
    chart = {
        "kind": "line", "title": "进度", "unit": "%", "x": ["2023-05", "2023-06"],
        "series": [{"name": "</script><b>", "values": [Decimal("12.5"), None]}],
    }  # fmt: skip
    assert charts.table(chart)["rows"] == [["2023-05", "12.5"], ["2023-06", figures.UNKNOWN]]
    drawn = shown('{% chart c id="c" %}', c=chart)
    written = re.search(r'id="c-json">(.*?)</script>', drawn, re.S)[1]
    assert json.loads(written)["series"][0] == {"name": "</script><b>", "values": [12.5, None]}


def test_vendored_files_have_their_locked_hashes_and_licences():
    assert vendor.differences() == []
    for package in vendor.read().values():
        assert package["integrity"].startswith("sha512-")
        assert any("LICENSE" in file for file in package["files"])


def test_a_package_with_another_hash_is_refused():
    name, package = next(iter(vendor.read().items()))
    with pytest.raises(SystemExit, match="sha512"):
        vendor.contents(name, package, b"something else")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_style_guide_renders_with_every_component(language):
    with translation.override(language):
        text = page("design/styleguide.html", sample().styleguide())
    for part in ("skip-link", "demo-note", "side-link", "city-map", "data-chart", "timeline-list",
                 'aria-invalid="true"', 'role="region"', "problems-title"):  # fmt: skip
        assert part in text
    assert f'lang="{"en" if language == "en" else "zh-CN"}"' in text
    assert text.count("<h1") == 1


def test_an_empty_shell_renders():
    assert "<main" in page("design/base.html", {})


@pytest.mark.parametrize("code", ERRORS)
def test_error_pages_say_it_in_both_languages_and_show_a_way_out(code):
    text = render_to_string(f"{code}.html", {})
    assert 'lang="zh-CN"' in text
    assert 'class="error-en" lang="en"' in text
    assert 'class="btn btn-primary" href=' in text


def test_no_page_carries_a_script_of_its_own():
    """The content policy allows scripts from our own files only."""
    for template in DESIGN.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for tag in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in tag or "application/json" in tag, template.name
        assert not re.search(r"\son[a-z]+=", text), template.name
        assert "javascript:" not in text, template.name


def test_nothing_is_fetched_from_elsewhere():
    for file in (DESIGN / "static" / "design").iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text, file.name
