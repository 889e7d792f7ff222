"""What the style guide shows: made-up figures, one of each component."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator

from songhua.console.design import say
from songhua.console.design.icons import ICONS
from songhua.kit.errors import Problem

SQUARES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"adcode": key, "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]],
            },
        }
        for key, name, x, y, w, h in (
            (1, "甲区", 126.0, 45.0, 0.2, 0.2),
            (2, "乙区", 126.2, 45.0, 0.2, 0.2),
            (3, "丙县", 126.4, 45.0, 1.0, 0.8),
            (4, "丁县", 126.0, 45.2, 0.4, 0.6),
        )
    ],
}


class ReportForm(forms.Form):
    progress = forms.DecimalField(label="本月进度（%）", help_text="填写累计进度，最多两位小数。")
    kind = forms.ChoiceField(label="填报口径", choices=[("a", "累计"), ("b", "当月")])
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    rows = forms.CharField(
        label="从 Excel 粘贴",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-paste-grid": ""}),
        initial="编号\t任务\t进度\nT-01\t智能算力中心\t62.5\nT-02\t换热站改造\t40",
    )
    ways = forms.MultipleChoiceField(
        label="通知方式",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("s", "短信"), ("l", "函件")],
    )
    sure = forms.BooleanField(label="已核对佐证材料")


def tasks() -> list[dict[str, object]]:
    names = [
        "建设人工智能算力中心",
        "开放公共数据资源目录并建立更新机制",
        "换热站智能化改造",
        "寒地自动驾驶测试道路",
        "培育人工智能领军企业",
        "建设智慧农业示范基地",
    ]
    units = ["市发改委", "市营商环境局", "市住建局", "市交通运输局", "市工信局", "市农业农村局"]
    lights = ["green", "yellow", "red", "blue", "grey", "green"]
    tags = ["tag-blue", "", "tag-green", "tag-blue", "", "tag-green"]
    actual = [Decimal("62.5"), Decimal(48), Decimal("21.25"), Decimal(100), None, Decimal(55)]
    return [
        {
            "code": f"T-2023-{i + 1:03d}",
            "name_zh": names[i % 6],
            "name_en": f"Task {i + 1}",
            "unit": units[i % 6],
            "kind": ["基础设施", "数据开放", "场景应用"][i % 3],
            "tag": tags[i % 6],
            "light": lights[i % 6],
            "reasons": ["较计划滞后 38.75 个百分点"] if i % 6 == 2 else None,
            "actual": actual[i % 6],
            "planned": Decimal(60),
            "month": date(2023, 6, 1),
            "due": date(2023, 12, 31),
            "funds": Decimal("1284.5") if i % 4 else None,
        }
        for i in range(57)
    ]


def charts() -> dict[str, dict[str, object]]:
    months = [f"2023-{m:02d}" for m in range(1, 13)]
    real = [5, 11, 18, 24.5, 31, 38, None, None, None, None, None, None]
    plan = [8, 16, 25, 33, 42, 50, 58, 67, 75, 83, 92, 100]
    ahead = [None] * 5 + [38, 45, 52, 60, 67, 74, 81]
    low = [None] * 5 + [38, 42, 46, 51, 55, 59, 63]
    high = [None] * 5 + [38, 48, 58, 69, 79, 89, 99]
    parts = ["基础设施", "数据开放", "场景应用", "人才引育", "企业培育"]
    return {
        "line": {
            "kind": "line",
            "title": "全市任务平均进度与年底预测",
            "unit": "%",
            "x": months,
            "x_label": "月份",
            "description": "截至 6 月累计 38%，按目前速度年底预计 81%。",
            "min": 0,
            "max": 110,
            "series": [
                {"name": "实际", "values": real},
                {"name": "计划", "values": plan, "dashed": True},
                {
                    "name": "预测",
                    "values": ahead,
                    "dashed": True,
                    "band": {"name": "80% 预测区间", "low": low, "high": high},
                },
            ],
            "targets": [{"name": "年度目标", "value": 100}],
            "marks": [{"name": "本月", "x": "2023-07"}],
        },
        "gauge": {
            "kind": "gauge",
            "title": "年度目标完成率",
            "unit": "%",
            "value": 63.5,
            "target": 80,
            "name": "完成率",
        },
        "stacked": {
            "kind": "stacked",
            "title": "各领域任务灯色分布",
            "unit": "项",
            "x": parts,
            "x_label": "领域",
            "horizontal": True,
            "series": [
                {"name": "已完成", "light": "blue", "values": [3, 4, 2, 5, 1]},
                {"name": "正常", "light": "green", "values": [12, 9, 15, 6, 8]},
                {"name": "预警", "light": "yellow", "values": [2, 4, 3, 1, 2]},
                {"name": "滞后", "light": "red", "values": [1, 0, 2, 1, 0]},
                {"name": "无数据", "light": "grey", "values": [0, 1, 1, 0, 2]},
            ],
        },
        "bar": {
            "kind": "bar",
            "title": "各单位按时填报率",
            "unit": "%",
            "x": ["市发改委", "市科技局", "市工信局", "市住建局"],
            "series": [
                {"name": "5 月", "values": [92, 88, 100, 76]},
                {"name": "6 月", "values": [96, 91, 100, None]},
            ],
            "targets": [{"name": "要求", "value": 95}],
            "min": 0,
            "max": 110,
        },
    }


def city(geojson: object = SQUARES, core: object = None) -> dict[str, object]:
    features = geojson["features"]
    lights = ["green", "green", "yellow", "red", "blue", "grey"]
    return {
        "title": "各区县任务灯色",
        "description": "点击区县名称查看该区县任务。",
        "geojson": geojson,
        "regions": [
            {
                "key": f["properties"]["adcode"],
                "name": f["properties"]["name"],
                "light": lights[i % 6],
                "text": f"{i + 3} 项任务",
                "url": f"#{f['properties']['adcode']}",
            }
            for i, f in enumerate(features)
        ],
        "markers": [{"name": "松北核心区", "at": [126.53, 45.82], "url": "#core", "light": "blue"}]
        if core
        else [],
        **({"core": core} if core else {}),
    }


def styleguide(geojson: object = SQUARES, core: object = None) -> dict[str, object]:
    form = ReportForm(
        {
            "progress": "一半",
            "kind": "a",
            "note": "",
            "rows": ReportForm.base_fields["rows"].initial,
        }
    )
    form.is_valid()
    item = {"title": say("任务台账", "Task ledger"), "url": "#", "icon": "table", "current": True}
    return {
        "programme_name": say(
            "哈尔滨市国家新一代人工智能创新发展试验区", "Harbin national AI pilot zone"
        ),
        "demo_note": say(
            "演示数据（模拟）· 演示日期 2023-07-05",
            "Simulated data · demonstration date 2023-07-05",
        ),
        "unit_name": say("市科技局", "Science and Technology Bureau"),
        "role_name": say("责任部门", "lead department"),
        "navigation": [
            {
                "title": say("总览", "Overview"),
                "open": True,
                "items": [
                    {"title": say("领导驾驶舱", "Leader wall"), "url": "#", "icon": "home"},
                    {
                        "title": say("我的待办", "My to-do"),
                        "url": "#",
                        "icon": "check",
                        "badge": 7,
                    },
                ],
            },
            {
                "title": say("目标任务", "Targets and tasks"),
                "open": True,
                "items": [
                    item,
                    {"title": say("指标", "Indicators"), "url": "#", "icon": "chart"},
                    {
                        "title": say("提示督办约谈", "Reminders and supervision"),
                        "url": "#",
                        "icon": "bell",
                        "badge": 2,
                    },
                ],
            },
            {
                "title": say("调度", "Cycle"),
                "open": True,
                "items": [
                    {"title": say("月调度", "Monthly review"), "url": "#", "icon": "clock"},
                    {"title": say("文件", "Documents"), "url": "#", "icon": "document"},
                ],
            },
        ],
        "crumbs": [
            {"title": say("首页", "Home"), "url": "#"},
            {"title": say("样式指南", "Style guide"), "url": ""},
        ],
        "problems": [
            Problem("第7行 进度", "not_a_number", "一半", row=7, column="进度"),
            Problem("月份", "empty"),
        ],
        "stats": [
            {
                "label": say("在办任务", "Open tasks"),
                "value": "98",
                "unit": say("项", ""),
                "note": "含本月新增 6 项",
                "url": "#",
                "icon": "table",
            },
            {
                "label": say("按计划推进", "On plan"),
                "value": "81.6",
                "unit": "%",
                "note": "较上月提高 2.4 个百分点",
                "icon": "chart",
            },
            {
                "label": say("滞后任务", "Behind"),
                "value": "4",
                "unit": say("项", ""),
                "light": "red",
                "reasons": "连续两月滞后",
                "icon": "warning",
            },
            {
                "label": say("未报送单位", "Not reported"),
                "value": None,
                "unit": "",
                "note": "统计截至 2023-07-05",
                "icon": "users",
            },
        ],
        "charts": charts(),
        "map": city(geojson, core),
        "page": Paginator(tasks(), 12).page(2),
        "form": form,
        "entries": [
            {
                "title": "核定 6 月进度",
                "when": "2023-07-04 16:20",
                "who": "市科技局 · 审核人",
                "text": "佐证材料齐全，同意。",
                "light": "green",
            },
            {
                "title": "发出工作提示",
                "when": "2023-07-02 09:00",
                "who": "领导小组办公室",
                "text": "请于 3 个工作日内补报。",
                "icon": "bell",
                "light": "yellow",
            },
            {"title": "提交进度", "when": "2023-06-30 11:05", "who": "市住建局", "icon": "upload"},
        ],
        "facts": [
            {"term": "责任部门", "text": "市住建局"},
            {"term": "文件依据", "text": "实施方案第三部分第（二）条", "url": "#"},
            {"term": "完成时限", "text": "2023-12-31"},
            {"term": "资金", "text": None},
        ],
        "empty": {
            "title": say("暂无督办事项", "Nothing under supervision"),
            "text": say("所有任务均按计划推进。", "All tasks are on plan."),
            "action": say("查看台账", "Open the ledger"),
        },
        "icons": list(ICONS),
    }
