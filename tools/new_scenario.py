"""`make new-scenario NAME=x`: a small working scenario, to be changed into the one you need.

The template beside this file is copied to its four places, and the name is added to the registry.
The result keeps every promise of `tests/test_house.py` as it is.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "tools" / "scenario_template"
REGISTRY = ROOT / "src" / "songhua" / "scenarios" / "__init__.py"
LONGEST = 40


def places(name: str) -> dict[Path, Path]:
    """Where each file of the template goes."""
    folder = TEMPLATE / "scenario"
    code = {path: ROOT / "src" / "songhua" / "scenarios" / name / path.relative_to(folder)
            for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}  # fmt: skip
    docs = {TEMPLATE / "docs" / f"{language}.md": ROOT / "docs" / language / "scenarios" /
            f"{name}.md" for language in ("zh", "en")}  # fmt: skip
    tests = ROOT / "tests" / "scenarios" / name / f"test_{name}.py"
    return code | docs | {TEMPLATE / "tests" / "test_scenario_name.py": tests}


def refusal(name: str) -> str | None:
    """Why there can be no new scenario of this name."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
        return (
            f"“{name}”不能作场景名：用小写字母、数字和单个下划线，如 ice_festival。/ "
            "a name is lower case letters, digits and single underscores, such as ice_festival"
        )
    if len(name) > LONGEST:
        return f"场景名最长 {LONGEST} 个字符。/ a name has at most {LONGEST} characters"
    taken = [path for path in places(name).values() if path.exists()]
    if taken or f'"{name}"' in REGISTRY.read_text("utf-8"):
        there = taken[0].relative_to(ROOT) if taken else REGISTRY.relative_to(ROOT)
        return f"场景 {name} 已存在。/ there is a scenario {name} already: {there}"
    return None


def register(name: str) -> None:
    """Add `name` to the end of SCENARIOS."""
    text = REGISTRY.read_text("utf-8")
    found = re.search(r"^SCENARIOS = \((.*?)\)$", text, re.M | re.S)
    assert found is not None, f"{REGISTRY} declares no SCENARIOS"
    names = [*re.findall(r'"(\w+)"', found[1]), name]
    lines = "".join(f'    "{each}",\n' for each in names)
    REGISTRY.write_text(text.replace(found[0], f"SCENARIOS = (\n{lines})"), "utf-8")


def main(arguments: list[str]) -> int:
    """Make the scenario, or say why not."""
    if len(arguments) != 1:
        sys.stderr.write("make new-scenario NAME=ice_festival\n")
        return 2
    (name,) = arguments
    if why := refusal(name):
        sys.stderr.write(f"✗ {why}\n")
        return 1
    for source, target in places(name).items():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text("utf-8").replace("scenario_name", name)
        target.write_text(text, "utf-8")
        sys.stdout.write(f"{target.relative_to(ROOT)}\n")
    register(name)
    sys.stdout.write(f"试一试 / try: .venv/bin/pytest -k {name} tests\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
