"""Reports for the tests: an ordinary bulletin, a hostile one, a long one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from songhua.documents import LIGHTS, Column, Report, Section, Table

HOSTILE = (
    '#eval("1+1")',
    "$x^2$ *bold* _it_ @ref <label> `raw` // gone? /* gone? */ \\n #pagebreak()",
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@cmd",
    "\tTab",
    "\r=HYPERLINK",
    "<w:p>&amp;</w:p> & < > \" '",
    "{{ title }} {% for x in y %} {_{ x }_} {_% %_} {#no#}",
    "null\x00 bell\x07 page\x0c turn\u202eright \ud800 end",
    "第一行\n第二行\r\n第三行",
    "{=A1} &P &[Page]",
    "A" * 400,
)

MATTERS = (
    Column("no", "序号", "text", 0.7),
    Column("matter", "事项", "text", 3),
    Column("lead", "责任部门", "text", 1.6),
    Column("target", "目标值", "int"),
    Column("actual", "完成值", "int"),
    Column("spent", "投入（万元）", "decimal", 1.2),
    Column("progress", "进度", "percent", 0.9, 1),
    Column("due", "时限", "date", 1.1),
    Column("light", "亮灯", "light", 0.9),
)
NAMES = (
    "培育人工智能企业",
    "建设智能算力中心，形成普惠算力服务能力并面向中小企业开放",
    "引进高层次人才",
)
OFFICES = ("市科技局", "市工信局、市发改委", "市人社局")


def matters(count: int) -> Table:
    rows = []
    for n in range(1, count + 1):
        actual = None if n % 7 == 0 else n * 3 % 50
        rows.append(
            (
                f"M-{n:04d}",
                NAMES[n % 3] + (f"（第{n}批）" if n % 4 == 0 else ""),
                OFFICES[n % 3],
                50,
                actual,
                Decimal(n * 12345) / 100,
                None if actual is None else Decimal(actual) * 2,
                date(2023, n % 12 + 1, n % 28 + 1),
                None if actual is None else LIGHTS[n % 5],
            )
        )
    spent = sum((row[5] for row in rows), Decimal(0))
    done = sum(row[4] or 0 for row in rows)
    totals = ("合计", None, None, 50 * count, done, spent, None, None, None)
    note = "缺报事项未计入合计；亮灯阈值为默认值（非文件规定）。"
    return Table("重点事项进展", MATTERS, tuple(rows), totals, note, missing="缺报")


def districts() -> Table:
    columns = (
        Column("district", "区县", "text", 1.4),
        Column("month", "月份", "month"),
        Column("firms", "企业数（家）", "int"),
        Column("light", "亮灯", "light"),
    )
    names = ("松北区", "南岗区", "道里区", "平房区", "香坊区")
    rows = tuple(
        (name, date(2023, 6, 1), 1200 - 317 * at if at < 3 else None, LIGHTS[at])
        for at, name in enumerate(names)
    )
    return Table("区县情况", columns, rows, ("合计", None, 2649, None), missing="缺报")


def bulletin(count: int = 40, **changes: object) -> Report:
    given: dict[str, object] = {
        "title": "人工智能创新发展试验区建设情况季度通报",
        "subtitle": "（2023年第二季度）",
        "number": "哈人工智能通报〔2023〕2号",
        "period_label": "2023年4月—6月",
        "issuer": "试验区建设领导小组办公室",
        "issued_on": date(2023, 7, 5),
        "recipients": ("市委办公室", "市人大常委会办公室", "各区县（市）人民政府", "各责任部门"),
        "summary": (
            ("事项总数（项）", count),
            ("按期完成率", "83.3%"),
            ("投入资金（万元）", Decimal("101229.00")),
            ("红灯事项（项）", 8),
            ("缺报单位（个）", 5),
            ("新增企业（家）", None),
        ),
        "sections": (
            Section(
                "一、总体情况",
                (
                    "二季度，各责任部门按照试验区建设方案有序推进，算力设施、企业培育和人才引进"
                    "三类事项进展总体符合时序，5个单位未按时报送数据，按缺报处理，不以零计。",
                    "红灯事项须于下月补齐进度；连续两月红灯的，由办公室发出工作提示。",
                ),
                (districts(),),
            ),
            Section("二、重点事项进展", ("逐项进展见下表。",), (matters(count),)),
            Section("三、下一步安排", ("请各单位于7月20日前报送整改情况。",)),
        ),
        "simulated": True,
        "audit_head": "3f9c27ab51d0",
    }
    return Report(**{**given, **changes})  # type: ignore[arg-type]


def hostile() -> Report:
    columns = (Column("key", HOSTILE[0], "text"), Column("n", "=n", "int"))
    rows = tuple((text, at) for at, text in enumerate(HOSTILE))
    table = Table(HOSTILE[1], columns, rows, (HOSTILE[2], None), HOSTILE[9], "=缺")
    return bulletin(
        title=HOSTILE[1],
        subtitle=HOSTILE[9],
        number=HOSTILE[2],
        issuer=HOSTILE[8],
        recipients=HOSTILE,
        summary=tuple((text, text) for text in HOSTILE),
        sections=(Section(HOSTILE[0], HOSTILE, (table,)), Section(HOSTILE[13], (), (table,))),
    )


def english() -> Report:
    columns = (
        Column("district", "District", "text", 1.4),
        Column("month", "Month", "month"),
        Column("firms", "Firms", "int"),
        Column("light", "Light", "light"),
    )
    rows = (
        ("Songbei", date(2023, 6, 1), 1200, "green"),
        ("Nangang", date(2023, 6, 1), None, "yellow"),
    )
    table = Table("Districts", columns, rows, ("Total", None, 1200, None), missing="not reported")
    paragraph = "One district has not reported; it is shown as such and never counted as zero."
    return bulletin(
        title="Quarterly bulletin on the AI pilot zone",
        subtitle="Second quarter of 2023",
        number="Bulletin 2023/2",
        period_label="April to June 2023",
        issuer="Pilot Zone Office",
        recipients=("Mayor's office", "Bureaus"),
        summary=(("Matters", 40), ("Spent (10,000 yuan)", Decimal("101229.00")), ("Firms", None)),
        sections=(Section("1. Overview", (paragraph,), (table,)),),
        language="en",
    )
