"""Every kind of record as data: its columns, its sub-lists, who may enter it and who sees it.

The list, the form, the spreadsheet, the interface for programs and the page of a record are drawn
from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from django.db.models import Q

from songhua.console.cooperation import models, words
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.templatetags.challenges import WORDS
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from songhua.console.cooperation.words import Words

Type = Literal["text", "long", "day", "hour", "yuan", "count", "yes", "one_of", "link", "subject",
               "unit", "names", "prizes"]  # fmt: skip
RENEWAL = timedelta(days=90)  # 续签提醒提前天数 默认值(非文件规定)
SOON = timedelta(days=30)  # 到期提醒提前天数 默认值(非文件规定)
DESK = (Role.OFFICE, Role.STAFF)


@dataclass(frozen=True)
class Column:
    """One value of a record: the model's field, its headings, how it is read. `words` are the
    choices of ``one_of``, `to` the kind of record that a ``link`` leads to."""

    name: str
    zh: str
    en: str
    type: Type = "text"
    required: bool = True
    words: Words = field(default_factory=dict)
    to: str = ""
    most: int = 120  # characters of a text
    hint: tuple[str, str] = ("", "")  # beside its field in the form

    @property
    def attribute(self) -> str:
        """Under which name the audit log keeps it."""
        return f"{self.name}_id" if self.type in ("link", "subject", "unit") else self.name


@dataclass(frozen=True)
class Part:
    """A part of a list that people ask for by name, on a day."""

    zh: str
    en: str
    where: Callable[[date], Q]


@dataclass(frozen=True)
class Kind:
    """A kind of record. An enterprise sees what is its own, and what `open` selects."""

    key: str
    zh: str
    en: str
    about: tuple[str, str]
    model: type[models.Record]
    columns: tuple[Column, ...]
    by: tuple[str, ...] = DESK
    open: Q | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    children: tuple[tuple[str, str], ...] = ()  # (kind, its link that leads here)
    changes: bool = True  # whether it may be changed later
    states: Words = field(default_factory=dict)  # of its field `state`, if it has one
    more: tuple[Column, ...] = ()  # what is shown and never typed

    @property
    def writable(self) -> tuple[Column, ...]:
        """What a form asks for: the columns, and the unit that answers for it."""
        return self.columns if Role.ENTERPRISE in self.by else (*self.columns, UNIT)

    @property
    def links(self) -> tuple[str, ...]:
        """The names of its columns that lead to another record."""
        return tuple(c.name for c in self.columns if c.type in ("link", "subject"))

    @property
    def own(self) -> bool:
        """Whether its records belong to a subject."""
        return any(column.type == "subject" for column in self.columns)


def _title(zh: str, en: str) -> Column:
    return Column("title", zh, en)


def _link(name: str, to: str, zh: str, en: str, *, required: bool = True) -> Column:
    return Column(name, zh, en, "link", required, to=to)


def _one(name: str, known: Words, zh: str = "类别", en: str = "Kind") -> Column:
    return Column(name, zh, en, "one_of", words=known)


def _whole(name: str) -> Column:
    return Column(name, "说明", "About", "long", required=False)


def _states(known: Words) -> dict[str, Part]:
    return {code: Part(zh, en, lambda _on, code=code: Q(state=code))
            for code, (zh, en) in known.items()}  # fmt: skip


UNIT = Column("unit", "负责单位", "Responsible unit", "unit", required=False,
              hint=("经办人默认本单位", "one's own where empty"))  # fmt: skip
SUBJECT = Column("subject", "我市单位", "Our organisation", "subject", required=False,
                 hint=("名称或信用代码", "name or credit code"))  # fmt: skip
FIELDS: Words = {name: WORDS[name] for name in standard().settings.fields}
KINDS = (
    Kind(
        "contests", "创新创业赛事", "Contests",
        ("发布、报名、评审、颁奖；获奖项目优先扶持", "The call, entries, judging and prizes"),
        models.Contest,
        (_title("赛事名称", "Contest"), _one("field", FIELDS, "领域", "Field"),
         Column("text", "参赛说明", "Call", "long"),
         Column("closes", "报名截止", "Entries close", "hour"),
         Column("prizes", "奖项", "Prizes", "prizes",
                hint=("如：一等奖 1，二等奖 2", "as: First 1, Second 2"))),
        open=~Q(state="draft"), parts=_states(words.CONTEST_STATES), states=words.CONTEST_STATES,
        children=(("entries", "contest"), ("prizes", "contest")),
    ),
    Kind(
        "entries", "参赛项目", "Entries",
        ("企业报名的项目；评审专家只见编号和说明", "Projects entered; experts see labels alone"),
        models.ContestEntry,
        (_link("contest", "contests", "赛事", "Contest"), _title("项目名称", "Project"),
         Column("text", "项目说明", "Description", "long",
                hint=("不写单位和人员名称", "without names")),
         Column("people", "团队成员", "Team", "names"), SUBJECT),
        by=(Role.ENTERPRISE,), changes=False, children=(("prizes", "entry"),),
    ),
    Kind(
        "prizes", "获奖项目", "Prizes",
        ("获奖项目及优先扶持期限，政策资金办理页同时提示",
         "What was won, and until when it has priority; shown on the policy desk too"),
        models.Prize,
        (_title("奖项", "Prize"), _link("contest", "contests", "赛事", "Contest"),
         _link("entry", "entries", "项目", "Project"), SUBJECT,
         Column("given_on", "颁奖日期", "Given on", "day"),
         Column("priority_until", "优先扶持至", "Priority until", "day")),
        by=(), open=Q(), changes=False,
        parts={"priority": Part("优先扶持期内", "with priority",
                                lambda on: Q(given_on__lte=on, priority_until__gte=on))},
    ),
    Kind(
        "events", "活动", "Events",
        ("论坛、研讨会、技术转移大会、哈科会、世界人工智能大会等",
         "Forums, seminars, transfer meetings, fairs and conferences"),
        models.CooperationEvent,
        (_title("活动名称", "Event"), _one("kind", words.EVENT_KINDS),
         Column("starts", "开始日期", "Starts", "day"), Column("ends", "结束日期", "Ends", "day"),
         Column("place", "地点", "Place"),
         Column("hosted", "我市主办或承办", "Held by the city", "yes"),
         Column("international", "国际活动", "International", "yes"),
         Column("spent_fen", "实际支出（元）", "Spent (yuan)", "yuan", required=False),
         _whole("text")),
        open=Q(),
        parts={
            "coming": Part("将举办", "to come", lambda on: Q(starts__gt=on)),
            "held": Part("已举办", "held", lambda on: Q(ends__lt=on)),
        },
        children=(("attendances", "event"), ("agreements", "event"), ("duties", "event")),
    ),
    Kind(
        "attendances", "参会单位", "Attendance",
        ("哪些单位参加了活动，来了多少人", "Who came, and how many people"), models.Attendance,
        (_link("event", "events", "活动", "Event"), _title("参会单位", "Organisation"),
         Column("country", "国家或地区", "Country", required=False, most=40), SUBJECT,
         Column("people", "人数", "People", "count", required=False)),
    ),
    Kind(
        "partners", "合作方", "Partners",
        ("深圳、莫斯科、叶卡捷琳堡等地的合作单位", "Organisations elsewhere that we work with"),
        models.Partner,
        (_title("名称", "Name"), _one("kind", words.PARTNER_KINDS),
         Column("country", "国家或地区", "Country", most=40),
         Column("city", "城市", "City", most=40),
         _whole("text")),
        parts={
            "abroad": Part("境外", "abroad", lambda _on: ~Q(country="中国")),
            "shenzhen": Part("深圳", "Shenzhen", lambda _on: Q(city="深圳")),
        },
        children=(("agreements", "partner"), ("resources", "partner")),
    ),
    Kind(
        "agreements", "合作协议", "Agreements",
        ("签约、里程碑、到期续签", "Signed, with milestones and renewals"), models.Agreement,
        (_title("协议名称", "Agreement"), _one("kind", words.AGREEMENT_KINDS),
         _link("partner", "partners", "合作方", "Partner"), SUBJECT,
         _link("event", "events", "签约活动", "Signed at", required=False),
         Column("signed_on", "签订日期", "Signed on", "day"),
         Column("ends_on", "到期日期", "Ends on", "day", required=False,
                hint=("无期限留空", "empty if it does not end")),
         Column("amount_fen", "金额（元）", "Amount (yuan)", "yuan", required=False),
         _link("renews", "agreements", "续签自", "Renews", required=False), _whole("text")),
        parts={
            "standing": Part("有效", "in force", lambda on: Q(signed_on__lte=on) & _lasting(on)),
            "ending": Part("即将到期", "ending soon", lambda on: _last() & Q(
                ends_on__gte=on, ends_on__lte=on + RENEWAL)),
            "ended": Part("到期未续签", "ended, not renewed", lambda on: _last() & Q(
                ends_on__lt=on)),
        },
        children=(("duties", "agreement"), ("agreements", "renews")),
    ),
    Kind(
        "duties", "里程碑和跟进事项", "Milestones and follow-ups",
        ("协议的里程碑、活动的后续事项，到期提醒",
         "What agreements and events ask for, and by when"),
        models.Duty,
        (_title("事项", "What"),
         _link("agreement", "agreements", "协议", "Agreement", required=False),
         _link("event", "events", "活动", "Event", required=False),
         Column("due", "时限", "Due", "day")),
        parts={
            "overdue": Part("逾期", "overdue", lambda on: Q(done_on=None, due__lt=on)),
            "soon": Part("即将到期", "due soon", lambda on: Q(
                done_on=None, due__gte=on, due__lte=on + SOON)),
            "waiting": Part("办理中", "under way", lambda on: Q(done_on=None, due__gt=on + SOON)),
            "done": Part("已完成", "done", lambda _on: Q(done_on__isnull=False)),
        },
        more=(Column("done_on", "完成日期", "Done on", "day"),
              Column("result", "完成情况", "What came of it", "long")),
    ),
    Kind(
        "resources", "共享资源", "Shared resources",
        ("合作方和我市单位共享的仪器、数据、团队、场地、算力", "What partners and our own share"),
        models.SharedResource,
        (_title("名称", "Name"), _one("kind", words.RESOURCE_KINDS),
         _link("partner", "partners", "合作方", "Partner", required=False), SUBJECT,
         Column("place", "地点", "Place"), Column("open", "开放预约", "Takes bookings", "yes"),
         _whole("text")),
        open=Q(), parts={"open": Part("可预约", "open", lambda _on: Q(open=True))},
        children=(("bookings", "resource"),),
    ),
    Kind(
        "bookings", "资源预约", "Bookings",
        ("按整小时预约，同一时段只有一个预约", "By whole hours; an hour is booked once"),
        models.Booking,
        (_link("resource", "resources", "资源", "Resource"), _title("用途", "What for"),
         Column("starts", "开始", "From", "hour"), Column("ends", "结束", "Until", "hour"),
         SUBJECT),
        by=(Role.OFFICE, Role.STAFF, Role.ENTERPRISE), changes=False,
    ),
    Kind(
        "expert_costs", "专家工作经费", "Experts' work costs",
        ("联合创新中心引进专家的实际工作经费；汇总后作为政策第六条的事实",
         "What experts of joint centres cost; summed up as facts for policy clause 6"),
        models.ExpertCost,
        (_title("专家姓名", "Expert"), SUBJECT,
         Column("country", "国籍", "Nationality", most=40),
         Column("foreign", "外籍", "Foreign", "yes"),
         Column("what", "费用类别", "Cost", most=60),
         Column("amount_fen", "金额（元）", "Amount (yuan)", "yuan"),
         Column("paid_on", "支付日期", "Paid on", "day")),
        parts={"foreign": Part("外籍专家", "foreign", lambda _on: Q(foreign=True))},
    ),
    Kind(
        "funds", "基金和担保资金", "Funds",
        ("引导基金、风险投资基金、子基金、担保资金及其杠杆和回收",
         "Guidance and venture funds, sub-funds, guarantees; leverage and recovery"), models.Fund,
        (_title("名称", "Name"), _one("kind", words.FUND_KINDS),
         _link("parent", "funds", "上级基金", "Belongs to", required=False),
         Column("manager", "管理机构", "Manager"), Column("since", "设立日期", "Since", "day"),
         Column("field", "主投领域", "Field", required=False, most=40),
         Column("text", "投向和条件", "What it is for", "long")),
        open=Q(), parts={code: Part(zh, en, lambda _on, code=code: Q(kind=code))
                         for code, (zh, en) in words.FUND_KINDS.items()},
        children=(("funds", "parent"), ("placements", "fund"), ("referrals", "fund")),
    ),
    Kind(
        "placements", "投资和担保", "Placements",
        ("子基金出资、直接投资、贷款担保", "Sub-funds, direct investments, guarantees"),
        models.Placement,
        (_title("项目", "What for"), _link("fund", "funds", "基金", "Fund"),
         _one("kind", words.PLACEMENT_KINDS), SUBJECT,
         Column("placed_on", "日期", "Day", "day"),
         Column("public_fen", "财政资金或担保额（元）", "Public money (yuan)", "yuan"),
         Column("others_fen", "社会资本或贷款（元）", "Other money (yuan)", "yuan",
                required=False)),
        parts={code: Part(zh, en, lambda _on, code=code: Q(kind=code))
               for code, (zh, en) in words.PLACEMENT_KINDS.items()},
        children=(("returns", "placement"),),
    ),
    Kind(
        "returns", "资金回收", "Returns",
        ("投资回收和担保解除；回收为零也要登记，未登记即为未知",
         "What came back; enter a 0 where nothing did, for what is not entered is unknown"),
        models.FundReturn,
        (_link("placement", "placements", "项目", "Placement"), _title("说明", "Note"),
         Column("returned_on", "日期", "Day", "day"),
         Column("amount_fen", "回收（元）", "Returned (yuan)", "yuan")),
    ),
    Kind(
        "referrals", "转介", "Referrals",
        ("政策第八条转来的企业，受理、支持或不支持后答复申报",
         "Firms sent here under policy clause 8; what comes of it answers the application"),
        models.Referral,
        (_title("转介事项", "Referral"), SUBJECT,
         _link("fund", "funds", "对接基金", "Fund", required=False)),
        by=(), changes=False, parts=_states(words.REFERRAL_STATES), states=words.REFERRAL_STATES,
        more=(Column("outcome", "结果", "Outcome", "long"),),
    ),
)  # fmt: skip
BY_KEY = {kind.key: kind for kind in KINDS}
BY_MODEL = {kind.model: kind for kind in KINDS}


def _lasting(on: date) -> Q:
    return Q(ends_on=None) | Q(ends_on__gte=on)


def _last() -> Q:
    """Agreements that no other one renews."""
    later = models.Agreement.objects.filter(struck=False, renews__isnull=False)
    return ~Q(pk__in=later.values("renews"))
