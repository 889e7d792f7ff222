"""`make docs`: the docs as a static site that needs no network.

The pages are docs/zh, docs/en (page beside page), docs/decisions (both languages on one page), a
few Markdown files of the root, and the look-up pages that `lookup.py` draws from the declarations.
A broken link, a missing picture, a page without its counterpart or with other headings than it:
each is a problem, and a site with a problem is not built.
"""

from __future__ import annotations

import argparse
import posixpath
import re
import shutil
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it.token import Token

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
STATIC = ROOT / "src" / "songhua" / "console" / "design" / "static" / "design"
LANGUAGES = ("zh", "en")
CURRENT = ' aria-current="page"'
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
SITE = {"zh": "松花文档", "en": "Songhua docs"}
ROOMS = (
    ("learn", "学一学", "Learn"),
    ("do", "做一做", "Do"),
    ("scenarios", "场景", "Scenarios"),
    ("lookup", "查一查", "Look up"),
    ("understand", "懂一懂", "Understand"),
)
DECISIONS = ("为什么这样决定", "Decisions")
ABOUT = ("关于", "About")
ROOT_FILES = {
    "README.zh-CN.md": ("zh",),
    "README.md": ("en",),
    "CONTRIBUTING.md": LANGUAGES,
    "SECURITY.md": LANGUAGES,
    "CONVENTIONS.md": LANGUAGES,
}
# The order in which pages are offered; a page that is not named here follows by its name.
ORDER = (
    "tour", "first-scenario", "how-much", "one-machine", "postgresql", "another-city",
    "import-excel", "holidays", "review-applications", "write-a-clause", "backup", "verify-audit",
    "bring-tables", "schedule", "api", "new-scenario", "extend", "cli", "settings", "rights",
    "workflow", "defaults", "imports", "messages", "programme", "glossary", "floors", "lights",
    "forecasts", "escalation", "scores", "audit", "documents", "unknown", "runs",
    "no-double-support",
)  # fmt: skip


@dataclass
class Page:
    """One page: where its text came from, where it goes (both relative), in which language's part
    of the site it stands, and what it holds."""

    source: str
    target: str
    text: str
    language: str
    title: str = ""
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)


def parser() -> MarkdownIt:
    """Markdown with tables; raw HTML is shown, never obeyed."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def slug(text: str) -> str:
    """The anchor of a heading, as code hosts make it.

    >>> slug("What `make demo` shows")
    'what-make-demo-shows'
    """
    kept = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return kept.replace(" ", "-")


def gather() -> list[Page]:
    """Every page, read but not yet linked."""
    import lookup

    pages = []
    for language in LANGUAGES:
        folder = HERE / language
        found = [
            (path, path.relative_to(folder).with_suffix(""))
            for path in sorted(folder.rglob("*.md"))
        ]
        # A page that holds both languages stands in both parts of the site.
        found += [
            (path, Path("decisions", path.stem))
            for path in sorted((HERE / "decisions").glob("*.md"))
        ]
        found += [
            (ROOT / name, Path("about", Path(name).stem))
            for name, languages in ROOT_FILES.items()
            if language in languages
        ]
        for path, name in found:
            source = path.relative_to(ROOT).as_posix()
            target = f"{language}/{name.as_posix()}.html"
            pages.append(Page(source, target, path.read_text("utf-8"), language))
        for name, text in lookup.pages(language).items():
            source, target = f"docs/{language}/lookup/{name}.md", f"{language}/lookup/{name}.html"
            pages.append(Page(source, target, text, language))
    for page in pages:
        _read(page)
    return pages


def _read(page: Page) -> None:
    page.tokens = parser().parse(page.text)
    seen: dict[str, int] = {}
    for at, token in enumerate(page.tokens):
        if token.type != "heading_open":
            continue
        inline = page.tokens[at + 1]
        text = "".join(
            t.content for t in inline.children or [] if t.type in {"text", "code_inline"}
        )
        anchor = slug(text)
        seen[anchor] = seen.get(anchor, -1) + 1
        if seen[anchor]:
            anchor = f"{anchor}-{seen[anchor]}"
        token.attrSet("id", anchor)
        page.headings.append((int(token.tag[1]), text, anchor))
    page.title = page.headings[0][1] if page.headings else page.source


def _inline(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def link(pages: list[Page]) -> tuple[list[str], set[str]]:
    """Turn links between sources into links between pages. The problems, and the pictures used."""
    by_source: dict[str, dict[str, Page]] = {}
    for page in pages:
        by_source.setdefault(page.source, {})[page.language] = page
    problems: list[str] = []
    pictures: set[str] = set()
    for page in pages:
        for token in _inline(page.tokens):
            if token.type == "image":
                problems += _picture(page, token, pictures)
            elif token.type == "link_open":
                problems += _link(page, token, by_source)
    idle = {p.relative_to(ROOT).as_posix() for p in (HERE / "img").glob("*")} - pictures
    problems += [f"{name}: no page shows this picture" for name in sorted(idle)]
    return problems, pictures


def _resolved(page: Page, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page.source), unquote(address)))


def _relative(page: Page, target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page.target))


def _picture(page: Page, token: Token, pictures: set[str]) -> list[str]:
    address = str(token.attrGet("src"))
    if re.match(r"[a-z]+:|//", address):
        return [f"{page.source}: picture from elsewhere: {address}"]
    source = _resolved(page, address)
    if not source.startswith("docs/img/") or not (ROOT / source).is_file():
        return [f"{page.source}: picture not found: {address}"]
    if not token.content.strip():
        return [f"{page.source}: picture without a description: {address}"]
    pictures.add(source)
    token.attrSet("src", _relative(page, source.removeprefix("docs/")))
    token.attrSet("loading", "lazy")
    return []


def _link(page: Page, token: Token, by_source: dict[str, dict[str, Page]]) -> list[str]:
    address = str(token.attrGet("href"))
    if re.match(r"(https?|mailto):", address):
        token.attrSet("rel", "noreferrer")
        return []
    path, _, anchor = address.partition("#")
    source = _resolved(page, path) if path else page.source
    found = by_source.get(source, {})
    target = found.get(page.language) or next(iter(found.values()), None)
    if target is None:
        if not (ROOT / source).exists():
            return [f"{page.source}: link to nothing: {address}"]
        token.attrSet("href", "#")  # a file of the repository, which the site does not carry
        token.attrSet("class", "repository-file")
        token.attrSet("title", source)
        return []
    if anchor and unquote(anchor) not in {a for _, _, a in target.headings}:
        return [f"{page.source}: no such heading: {address}"]
    relative = "" if target is page else _relative(page, target.target)
    token.attrSet("href", relative + (f"#{anchor}" if anchor else ""))
    return []


def counterparts(pages: list[Page]) -> list[str]:
    """Pages that lack the other language, or whose headings are not level with it."""
    found = {page.source: page for page in pages}
    problems = []
    for page in pages:
        head, _, rest = page.source.removeprefix("docs/").partition("/")
        if head not in LANGUAGES or not page.source.startswith("docs/"):
            continue
        other = found.get(f"docs/{'en' if head == 'zh' else 'zh'}/{rest}")
        if other is None:
            problems.append(f"{page.source}: has no counterpart in the other language")
        elif head == "zh" and [h[0] for h in page.headings] != [h[0] for h in other.headings]:
            problems.append(
                f"{page.source}: {len(page.headings)} headings, {other.source}: "
                f"{len(other.headings)}, or at other levels"
            )
    return problems


def menu(pages: list[Page], here: Page, language: str) -> str:
    """The side navigation of one language with the present page marked."""

    def key(page: Page) -> tuple[int, str]:
        name = Path(page.target).stem
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)

    def lines(chosen: Iterable[Page]) -> str:
        return "".join(
            f'<li><a href="{escape(_relative(here, p.target))}"{CURRENT if p is here else ""}>'
            f"{escape(_short(p, language))}</a></li>"
            for p in sorted(chosen, key=key)
        )

    place = LANGUAGES.index(language)
    groups = []
    for room, *names in (*ROOMS, ("decisions", *DECISIONS), ("about", *ABOUT)):
        chosen = [p for p in pages if p.target.startswith(f"{language}/{room}/")]
        groups.append((names[place], lines(chosen)))
    return "".join(f"<h2>{escape(t)}</h2><ul>{items}</ul>" for t, items in groups if items)


def _short(page: Page, language: str) -> str:
    """The title; of a page with both languages in it, the part in this one."""
    number = re.match(r"\d{4} |", page.title)[0]
    zh, slash, en = page.title.removeprefix(number).partition(" / ")
    return number + (en if slash and language == "en" else zh)


def html(page: Page, pages: list[Page], language: str) -> str:
    """The whole page as a file of its own."""
    body = parser().renderer.render(page.tokens, parser().options, {})
    body = body.replace("<table>", '<div class="table" tabindex="0"><table>')
    body = body.replace("</table>", "</table></div>")
    other = "en" if language == "zh" else "zh"
    twin = page.target.replace(f"{language}/", f"{other}/", 1)
    if twin not in {p.target for p in pages}:
        twin = f"{other}/index.html"
    home = _relative(page, f"{language}/index.html")
    contents = "".join(
        f'<li class="level-{level}"><a href="#{escape(anchor)}">{escape(text)}</a></li>'
        for level, text, anchor in page.headings
        if level in {2, 3}
    )
    chinese = language == "zh"
    here = "本页" if chinese else "On this page"
    aside = f"<ol>{contents}</ol>" if contents.count("<li") > 1 else ""
    brand = _relative(page, "wordmark.svg")
    return f"""<!doctype html>
<html lang="{"zh-CN" if chinese else "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(page.title)} · {SITE[language]}</title>
<link rel="icon" href="{_relative(page, "favicon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="{_relative(page, "site.css")}">
<script src="{_relative(page, "site.js")}" defer></script>
</head>
<body>
<a class="skip" href="#content">{"跳到正文" if chinese else "Skip to the text"}</a>
<header class="side">
<a class="brand" href="{home}"><img src="{brand}" alt="松花" width="98" height="36"></a>
<a class="language" href="{_relative(page, twin)}" lang="{other}">{LANGUAGE_NAMES[other]}</a>
<details class="menu" open><summary>{"目录" if chinese else "Contents"}</summary>
<nav aria-label="{SITE[language]}">{menu(pages, page, language)}</nav></details>
</header>
<main id="content">{body}</main>
<nav class="contents" aria-label="{here}">{aside}</nav>
</body>
</html>
"""


def write(pages: list[Page], pictures: set[str], out: Path) -> None:
    """The site, into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "img").mkdir(parents=True)
    for page in pages:
        path = out / page.target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html(page, pages, page.language), encoding="utf-8")
    for picture in sorted(pictures):
        shutil.copy(ROOT / picture, out / "img" / Path(picture).name)
    for name in ("site.css", "site.js"):
        shutil.copy(HERE / name, out / name)
    for name in ("favicon.svg", "wordmark.svg"):
        shutil.copy(STATIC / name, out / name)
    (out / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><title>松花文档 / Songhua docs</title>'
        '<meta http-equiv="refresh" content="0; url=zh/index.html">'
        '<p><a href="zh/index.html">中文</a> · <a href="en/index.html">English</a></p>\n',
        encoding="utf-8",
    )


def main(arguments: list[str] | None = None) -> int:
    """Build, or list the problems and answer 1."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--out", type=Path, default=ROOT / "build" / "docs")
    out: Path = asked.parse_args(arguments).out
    pages = gather()
    problems, pictures = link(pages)
    problems += counterparts(pages)
    for problem in problems:
        sys.stderr.write(f"✗ {problem}\n")
    if not problems:
        write(pages, pictures, out)
    where = "not built" if problems else str(out)
    sys.stdout.write(
        f"{len(pages)} pages, {len(pictures)} pictures, {len(problems)} warnings: {where}\n"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
