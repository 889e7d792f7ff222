"""A draft goes from its notice to its adoption table in real browsers: a bureau drafts, citizens
speak without an account, a thousand opinions are answered by two people, and each is looked up."""

from __future__ import annotations

import re

import pytest

from .test_pages import violations
from .test_subsidies import Desk, send

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CLOSES, AFTER, OPINIONS = "2023-03-02T17:00:00", "2023-03-03", 1000
NUMERALS = "一二三四五六七八九"
DRAFT = """第一条　为了发展寒地智能供热，制定本办法。
第二条　室温不低于十八度：
（一）居民住宅；
（二）学校和医院。
第三条　补助最高100万元。
"""
REVISED = DRAFT.replace("十八度", "二十度").replace("100万元", "500万元")
LOAD = """
import random
import django; django.setup()
from songhua.console.consultation.services import opinions
chance = random.Random(5)
words = "室温 补助 学校 医院 老旧小区 计量 收费 投诉 管网 换热站 提高 降低".split()
letter = "我们是老旧小区的住户，冬季室温长期不足，建议将第二条规定的最低室温提高，并公布投诉电话"
for number in range({count}):
    text = letter + "。！ "[number % 3] if number % 4 == 0 else "".join(chance.choices(words, k=9))
    name = chance.choice(["", "李四", "欧阳明"])
    said = opinions.Said(text, chance.choice(["", "2", "5"]), name=name)
    opinions.speak(1, said, form=f"load-{{number}}", origin="")
"""
VERIFY = """
import django; django.setup()
from songhua.console.consultation.models import Opinion
from songhua.console.ledger.services import audit
print(Opinion.objects.count(), Opinion.objects.filter(answer=None).count(), audit.verify())
"""


@pytest.fixture
def desk(tmp_path, chromium):
    found = Desk(tmp_path, chromium)
    yield found
    found.stop()


def citizen(desk, address: str):
    """A page of somebody without an account."""
    page = desk.chromium.new_context(locale="zh-CN").new_page()
    page.goto(desk.address + address)
    return page


def say(page, text: str, **fields: str) -> str:
    """Fill in the form as a person does; the receipt number."""
    page.fill("#text", text)
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    one, two = re.search(f"([{NUMERALS}])加([{NUMERALS}])", page.inner_text("main")).groups()
    page.fill("#total", str(NUMERALS.index(one) + NUMERALS.index(two) + 2))
    page.wait_for_timeout(3100)
    page.click("main button[type=submit]")
    page.wait_for_load_state("networkidle")
    return page.inner_text("#receipt-number")


def test_a_draft_from_notice_to_adoption_table(desk, axe_source):
    bureau = desk.person("science", "/consultations/new/")
    send(bureau, "form[action='/consultations/new/']", title="寒地智能供热办法", text=DRAFT,
         about="现公开征求社会公众意见。", phone="0451-00000000")  # fmt: skip
    assert bureau.url.endswith("/consultations/1/desk/")
    send(bureau, "form[action$='/steps/publish/']", closes_at=CLOSES, contacts_until="2023-09-01")

    public = citizen(desk, "/consultations/")
    public.click("main tbody a")
    public.click("text=对本条提意见 >> nth=4")
    assert not violations(public, axe_source)
    receipt = say(public, "请提高到500万元，电话13800001234", name="张三丰", phone="13800001234")
    said = public.inner_text("main")
    assert "第三条" in said and "张**" in said and "138****1234" in said
    assert not violations(public, axe_source)
    say(citizen(desk, "/consultations/1/opinions/new/"), "同意全文。")
    desk.run(LOAD.format(count=OPINIONS - 3))

    desk.move_to(AFTER)
    bureau = desk.person("science", "/consultations/1/desk/")
    send(bureau, "form[action$='/steps/enter/']", text="来信：应当按面积补助。", received=CLOSES)
    send(bureau, "form[action$='/steps/arrange/']")
    worked_on = bureau.inner_text("main")
    assert f"{OPINIONS}" in worked_on and "疑为集体提交" in worked_on
    assert not violations(bureau, axe_source)
    bureau = desk.person("science", "/consultations/1/desk/?state=undecided")
    bureau.check("[name=all]")
    bureau.fill("#reason", "已研究吸收，见修改稿第二条、第三条")
    bureau.click("#answers button:has-text('决定')")
    bureau.wait_for_load_state("networkidle")
    send(bureau, "form[action$='/steps/issue/']")
    assert "尚未经另一人审核" in bureau.inner_text("main")
    office = desk.person("office", "/consultations/1/desk/?state=decided")
    office.check("[name=all]")
    office.click("#answers button:has-text('审核通过')")
    office.wait_for_load_state("networkidle")
    bureau = desk.person("science", "/consultations/1/desk/")
    send(bureau, "form[action$='/steps/version/']", label="修改稿", text=REVISED)
    send(bureau, "form[action$='/steps/issue/']")
    assert "已反馈" in bureau.inner_text("main")

    public = citizen(desk, f"/consultations/answer/?receipt={receipt}")
    assert "已研究吸收" in public.inner_text("main") and "部分采纳" not in public.inner_text("main")
    public.goto(f"{desk.address}/consultations/1/")
    shown = public.inner_text("main")
    assert (
        "意见采纳情况" in shown
        and re.search(r"等\d\d人次", shown)
        and "张三丰" not in public.content()
    )
    assert not violations(public, axe_source)
    for form in ("pdf", "docx", "xlsx"):
        answer = public.request.get(f"{desk.address}/consultations/1/adoption.{form}")
        assert answer.ok and len(answer.body()) > 5000
    public.click("text=逐条对照")
    assert public.locator("ins", has_text="500").count() == 1
    assert not violations(public, axe_source)
    assert desk.run(VERIFY) == f"{OPINIONS} 0 []"
    assert not bureau.problems + office.problems
