"""A register of firms as an office might send it: GB18030, awkward but sound, with planted defects.

Only what both sides can be asked is planted: a missing cell, words for numbers, numbers out of
range, codes of no table, patterns broken, days that do not exist, keys given twice, rows cut short
or too long.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from tempfile import gettempdir

import numpy as np

HEADINGS = [
    "序号", "统一编号", "单位名称", "行业代码", "区县",
    "成立日期", "从业人数", "注册资本", "邮政编码", "备注",
]  # fmt: skip
INDUSTRIES = [f"{letter}{number:02}" for letter in "ABCDEF" for number in range(1, 21)]
DISTRICTS = [
    "道里区",
    "道外区",
    "南岗区",
    "香坊区",
    "平房区",
    "松北区",
    "呼兰区",
    "阿城区",
    "双城区",
]
WORDS = [
    "松花",
    "冰城",
    "龙江",
    "太阳岛",
    "中央",
    "哈达",
    "群力",
    "利民",
    "北方",
    "融创",
    "㐂",
    "镕",
]
KINDS = ["有限公司", "股份有限公司", "合作社", "研究院", "（集团）公司"]
REMARKS = [
    "",
    "",
    "",
    "已核, 无误",
    "见“附件”",
    '原名"北方"',
    "第一行\n第二行",
    " 尾随空格 ",
    "Ａ级",
]
START = date(1990, 1, 1)


def drawn(case: dict) -> Path:
    """The file of a case, drawn once."""
    path = Path(gettempdir()) / f"songhua-quality-{case['rows']}-{case['seed']}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("w", encoding="gb18030", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADINGS)
            writer.writerows(rows(case))
        part.rename(path)
    return path


def rows(case: dict) -> list[list[str]]:
    """The rows under the headings, one in a hundred with a planted defect."""
    rng, count = np.random.default_rng(case["seed"]), case["rows"]
    pick = {
        name: rng.integers(0, size, count)
        for name, size in {
            "a": len(WORDS), "b": len(WORDS), "kind": len(KINDS), "industry": len(INDUSTRIES),
            "district": len(DISTRICTS), "day": 12_000, "staff": 5000, "capital": 10**8,
            "post": 1000, "remark": len(REMARKS), "defect": 900,
        }.items()
    }  # fmt: skip
    found = []
    for i in range(count):
        p = {name: int(values[i]) for name, values in pick.items()}
        row = [
            str(i + 1), f"HRB{i:09}", f"{WORDS[p['a']]}{WORDS[p['b']]}{i}{KINDS[p['kind']]}",
            INDUSTRIES[p["industry"]], DISTRICTS[p["district"]],
            (START + timedelta(days=p["day"])).isoformat(), str(p["staff"]),
            f"{p['capital'] / 100:.2f}", f"15{p['post']:04}", REMARKS[p["remark"]],
        ]  # fmt: skip
        found.append(planted(row, p["defect"], i))
    return found


def planted(row: list[str], defect: int, i: int) -> list[str]:
    """The row with the defect of that number; most numbers are none."""
    changes = {
        0: (2, ""), 1: (6, "约五十"), 2: (6, "-3"), 3: (3, "Z99"), 4: (8, "15O001"),
        5: (5, "2023-02-30"), 6: (1, "HRB000000000"), 7: (7, "1e400x"),
    }  # fmt: skip
    if defect in changes and i:
        at, value = changes[defect]
        row[at] = value
    return row[:-2] if defect == 8 else [*row, "多余"] if defect == 9 else row
