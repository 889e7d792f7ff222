"""Made-up people and things that look like them, each cell with the kind it holds."""

from __future__ import annotations

import polars as pl
from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红梅建国志海波宁福生龙"
ROADS = ("中央大街", "和兴路", "学府路", "红旗大街", "南直路", "先锋路", "保健路", "新阳路")
REGIONS = ("230102", "230103", "230110", "110105", "620102", "440305", "510107")


def _digits(rng, count):
    return "".join(map(str, rng.integers(0, 10, count)))


def _day(rng):
    return f"{rng.integers(1940, 2020)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}"


def resident_id(rng):
    body = f"{rng.choice(REGIONS)}{_day(rng)}{_digits(rng, 3)}"
    return body + mod_11_2.calc_check_digit(body)


def mobile(rng):
    return f"1{rng.integers(3, 10)}{_digits(rng, 9)}"


def spaced_mobile(rng):
    number = mobile(rng)
    return f"{number[:3]} {number[3:7]} {number[7:]}"


def landline(rng):
    return f"0451-{rng.integers(2, 9)}{_digits(rng, 7)}"


def bank_card(rng):
    body = f"62{_digits(rng, 16)}"
    return body + luhn.calc_check_digit(body)


def email(rng):
    return f"user{rng.integers(1, 10**6)}@{rng.choice(['qq.com', '163.com', 'hrb.gov.cn'])}"


def licence_plate(rng):
    return f"黑A{''.join(rng.choice(list('ABCDEFGH0123456789'), 4))}{rng.integers(0, 10)}"


def name(rng):
    return rng.choice(list(SURNAMES)) + "".join(rng.choice(list(GIVEN), rng.integers(1, 3)))


def address(rng):
    flat = f"{rng.integers(1, 9)}单元{rng.integers(101, 1800)}室"
    return f"哈尔滨市南岗区{rng.choice(ROADS)}{rng.integers(1, 400)}号{flat}"


def coordinate(rng):
    return f"{126 + rng.random():.6f},{45 + rng.random():.6f}"


PEOPLE = {
    each.__name__.removeprefix("spaced_"): each
    for each in (resident_id, mobile, landline, bank_card, email, licence_plate, name, address,
                 coordinate)
}  # fmt: skip


def _case_number(rng):
    """District, day and a serial: the shape of a resident id, with a check digit by chance only."""
    return f"230102{_day(rng)}{_digits(rng, 4)}"


def _credit_code(rng):
    body = f"91230100{''.join(rng.choice(list('0123456789ABCDEFGH'), 9))}"
    return body + uscc.calc_check_digit(body)


THINGS = {
    "case_number": _case_number,
    "credit_code": _credit_code,
    "card_shaped_order": lambda rng: f"62{_digits(rng, 17)}",
    "serial": lambda rng: f"{rng.integers(2, 10)}0{_digits(rng, 9)}",
    "epoch_ms": lambda rng: str(1_700_000_000_000 + int(rng.integers(0, 10**10))),
    "epoch_us": lambda rng: str(1_700_000_000_000_000 + int(rng.integers(0, 10**13))),
    "reading": lambda rng: f"{rng.gamma(3, 40):.4f}",
    "device": lambda rng: f"SN-{_digits(rng, 8)}",
    "day": lambda rng: f"{rng.integers(2000, 2026)}-{rng.integers(1, 13):02}-11",
    "address_of_a_machine": lambda rng: ".".join(map(str, rng.integers(0, 256, 4))),
    "district": lambda rng: rng.choice(["道里区", "南岗区", "平房区", "松北区", "方正县"]),
    "road": lambda rng: rng.choice(ROADS),
    "crop": lambda rng: rng.choice(["马铃薯", "黄瓜", "白菜", "大豆", "水稻", "高粱"]),
    "state": lambda rng: rng.choice(["正常", "停用", "待修", "完好", "未检", "在建"]),
    "company": lambda rng: f"哈尔滨{rng.choice(list(GIVEN))}{rng.choice(list(GIVEN))}热力有限公司",
    "unit": lambda rng: rng.choice(["市住建局", "市卫健委", "市公安局", "市水务局", "市交通局"]),
    "complaint": lambda rng: f"室温{rng.integers(10, 25)}度，请于3月{rng.integers(1, 30)}号前处理",
    "metro": lambda rng: f"地铁{rng.integers(1, 6)}号线第{rng.integers(1, 30)}站",
    "version": lambda rng: f"v{rng.integers(1, 9)}.{rng.integers(1, 99)}.{_digits(rng, 5)}",
}  # fmt: skip

SENTENCES = {
    "resident_id": "申请人证件{}已核对",
    "mobile": "回访电话{}无人接听",
    "landline": "单位电话{}，下午可接",
    "bank_card": "退费至卡号{}。",
    "email": "材料发至{}即可",
    "licence_plate": "车辆{}占用消防通道",
    "name": "联系人：{}，已回访",
    "address": "住{}，室温低",
    "coordinate": "位置({})附近漏水",
}


def columns(rng, rows):
    """Columns with neutral headings and what each holds: (heading, kind or None, cells)."""
    for kind, make in (PEOPLE | {"mobile ": spaced_mobile}).items():
        kind = kind.strip()
        yield f"a_{kind}", kind, [make(rng) for _ in range(rows)]
        told = [SENTENCES[kind].format(make(rng)) for _ in range(rows)]
        yield f"b_{kind}", kind, [text if n % 5 == 0 else "无" for n, text in enumerate(told)]
    for thing, make in THINGS.items():
        yield f"c_{thing}", None, [str(make(rng)) for _ in range(rows)]


def frame_of(cells):
    """One column under a heading that says nothing."""
    return pl.DataFrame({"c1": cells})
