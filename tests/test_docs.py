"""The docs keep up with the program: what it offers is described, in both languages, on pages that
stand level with each other, and the site builds without a broken link or picture."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LANGUAGES = ("zh", "en")
sys.path.append(str(DOCS))  # the pages of the scenarios are drawn by a module beside lookup.py


def _module(name: str):
    spec = importlib.util.spec_from_file_location(f"songhua_docs_{name}", DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass finds its module by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lookup():
    return _module("lookup")


def _headings(text: str) -> list[str]:
    """Levels of the headings, outside code."""
    outside = re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.M | re.S)
    return [found[1] for found in re.finditer(r"^(#+) ", outside, re.M)]


def _written(language: str) -> str:
    return "\n".join(p.read_text("utf-8") for p in sorted((DOCS / language).rglob("*.md")))


def test_every_page_has_its_counterpart_with_the_same_headings():
    pages = {
        language: {
            p.relative_to(DOCS / language).as_posix(): p for p in (DOCS / language).rglob("*.md")
        }
        for language in LANGUAGES
    }
    assert pages["zh"].keys() == pages["en"].keys()
    for name in pages["zh"]:
        levels = [_headings(pages[language][name].read_text("utf-8")) for language in LANGUAGES]
        assert levels[0] == levels[1], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_generated_pages_stand_level(lookup, language):
    here, there = (lookup.pages(each) for each in (language, "en" if language == "zh" else "zh"))
    assert here.keys() == there.keys()
    for name, text in here.items():
        assert _headings(text) == _headings(there[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_its_heading_and_is_used_somewhere(lookup, language):
    page = lookup.cli(language)
    written = _written(language)
    for name in lookup.commands():
        assert f"## songhua {name}\n" in page
        assert re.search(rf"songhua {name}\b|make {name}\b", written), (
            f"no page uses songhua {name}"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_of_a_command_is_described(lookup, language):
    page = lookup.cli(language)
    for name, parser in lookup.commands().items():
        part = page.split(f"## songhua {name}\n")[1].split("\n## ")[0]
        for option in parser._option_string_actions:
            assert option in {"-h", "--help"} or f"`{option}`" in part, f"songhua {name} {option}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_described(lookup, language):
    page = lookup.settings(language)
    sources = (ROOT / "src" / "songhua").rglob("*.py")
    read = {n for p in sources for n in re.findall(r"SONGHUA_[A-Z_]+[A-Z]", p.read_text("utf-8"))}
    for name in read:
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_an_import_is_described(lookup, language):
    from songhua.console.ledger.services.imports import FIELDS

    page, recipe = (
        lookup.imports(language), (DOCS / language / "do" / "import-excel.md").read_text("utf-8"),
    )  # fmt: skip
    for fields, _ in FIELDS.values():
        for field in fields:
            assert f"**{field.titles[0]}**" in page
            assert not field.required or field.titles[0] in recipe, field.titles[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_route_of_the_console_is_described(lookup, language):
    page = lookup.rights(language)
    for address in lookup.routes().values():
        assert f"`{address}`" in page.replace("&lt;", "<"), address
    described = {row["route"] for row in lookup.rows(DOCS / "routes.csv")}
    assert described <= lookup.routes().keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_threshold_of_ours_is_marked(lookup, language):
    from songhua.governance.assessment import Weights
    from songhua.governance.escalation import EscalationRules
    from songhua.governance.lights import Thresholds

    page = lookup.defaults(language)
    for model in (Weights, EscalationRules, Thresholds):
        for name, field in model.model_fields.items():
            assert f"`{name}`" in page
            assert "默认值(非文件规定" in (field.description or ""), name


def test_every_sentence_code_is_listed(lookup):
    from songhua.kit.messages import catalogue

    page = lookup.messages("zh")
    assert all(f"`{code}`" in page for code in catalogue())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_and_limit_of_a_scenario_is_listed(lookup, language):
    from songhua.kit.terms import terms
    from songhua.runtime.registry import scenarios

    drawn = lookup.pages(language)
    for name, scenario in scenarios().items():
        assert f"(scenario_{name}.md)" in drawn["scenarios"]
        page = drawn[f"scenario_{name}"]
        assert all(f"`{term}`" in page for term in terms(scenario.package)), name
        for column in (c for d in scenario.inputs for c in d.columns):
            for limit in (column.low, column.high):
                assert limit is None or f"{limit:g}" in page, column.name


def test_every_change_says_its_kind():
    fragments = [p for p in (ROOT / "changes").glob("*.md") if p.name != "README.md"]
    assert fragments
    for path in fragments:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name), path.name
        first = path.read_text("utf-8").splitlines()[0]
        assert first in {"added", "changed", "fixed", "removed", "security"}, path.name


def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip(
        "markdown_it", reason="markdown-it-py is not installed: the site is not built"
    )
    out = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, str(DOCS / "build.py"), "--out", str(out)],
        capture_output=True, text=True, env=os.environ | {"SONGHUA_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert " 0 warnings" in done.stdout
    for language in LANGUAGES:
        assert (out / language / "index.html").is_file()
    for page in out.rglob("*.html"):
        loaded = re.findall(
            r'<(?:script|img|link)[^>]+(?:src|href)="([^"]+)"', page.read_text("utf-8")
        )
        assert not [address for address in loaded if ":" in address or address.startswith("//")], (
            page
        )


def test_a_broken_link_a_lost_picture_and_a_lone_page_are_problems():
    pytest.importorskip(
        "markdown_it", reason="markdown-it-py is not installed: the site is not built"
    )
    build = _module("build")
    text = "# A\n\n[x](nowhere.md) [y](b.md#gone) ![z](../img/none.png)\n"
    pages = [
        build.Page("docs/zh/a.md", "zh/a.html", text, "zh"),
        build.Page("docs/zh/b.md", "zh/b.html", "# B\n\n## C\n", "zh"),
        build.Page("docs/en/b.md", "en/b.html", "# B\n", "en"),
    ]
    for page in pages:
        build._read(page)
    problems = " ".join(build.link(pages)[0] + build.counterparts(pages))
    for words in ("nothing: nowhere.md", "heading: b.md#gone", "not found: ../img/none.png",
                  "docs/zh/a.md: has no counterpart", "docs/zh/b.md: 2 headings"):  # fmt: skip
        assert words in problems
