"""The words that records of cooperation choose from, by code, in Chinese and English."""

from __future__ import annotations

from songhua.console.design.bilingual import choose

Words = dict[str, tuple[str, str]]

PARTNER_KINDS: Words = {
    "government": ("政府及园区管理机构", "Government or park authority"),
    "university": ("高校", "University"), "institute": ("科研机构", "Research institute"),
    "firm": ("企业", "Firm"), "association": ("社会组织", "Association"),
}  # fmt: skip
AGREEMENT_KINDS: Words = {
    "province_city_university": ("省市校合作", "Province, city and university"),
    "school_enterprise": ("校企合作", "University and firm"),
    "shenzhen_harbin": ("深哈合作（带土移植）", "Shenzhen and Harbin"),
    "joint_centre": ("联合创新中心", "Joint innovation centre"),
    "international": ("国际科技合作", "International research"),
    "transfer": ("成果转移转化", "Technology transfer"),
    "offshore_incubator": ("离岸孵化器", "Offshore incubator"),
    "trade": ("经贸合作", "Trade"),
    "industry_base": ("产业生态基地共建", "Joint industrial base"),
}  # fmt: skip
EVENT_KINDS: Words = {
    "forum": ("论坛", "Forum"), "seminar": ("研讨会", "Seminar"),
    "transfer_meeting": ("技术转移大会", "Technology transfer meeting"),
    "matchmaking": ("技术对接洽谈会", "Matchmaking meeting"),
    "fair": ("哈科会", "Harbin science fair"),
    "waic": ("世界人工智能大会", "World AI Conference"),
    "conference": ("其他大会", "Other conference"),
}  # fmt: skip
RESOURCE_KINDS: Words = {
    "instrument": ("仪器设备", "Instrument"), "data": ("数据", "Data"), "team": ("团队", "Team"),
    "space": ("场地", "Space"), "compute": ("算力", "Computing"),
}  # fmt: skip
FUND_KINDS: Words = {
    "strategic": ("战略性新兴产业投资基金", "Fund for strategic emerging industries"),
    "venture_guidance": ("创业投资引导基金", "Venture guidance fund"),
    "industry_guidance": ("产业引导基金", "Industry guidance fund"),
    "risk": ("科技风险投资基金", "Venture fund for science and technology"),
    "guarantee": ("科技型企业贷款担保资金", "Guarantee fund for technology firms"),
    "sub_fund": ("子基金", "Sub-fund"),
}  # fmt: skip
PLACEMENT_KINDS: Words = {
    "sub_fund": ("子基金出资", "Sub-fund"), "direct": ("直接投资", "Direct investment"),
    "guarantee": ("贷款担保", "Guarantee"),
}  # fmt: skip
REFERRAL_STATES: Words = {
    "received": ("待受理", "to be taken up"), "taken": ("对接中", "with the fund"),
    "placed": ("已支持", "supported"), "declined": ("未支持", "declined"),
    "answered": ("已由转出部门答复", "answered by the desk"),
}  # fmt: skip
CONTEST_STATES: Words = {
    "draft": ("筹备", "in preparation"), "open": ("报名中", "open to entries"),
    "closed": ("报名截止", "entries closed"), "sealed": ("专家名单已封存", "expert list sealed"),
    "scoring": ("评审中", "being judged"), "ranked": ("已排名", "ranked"),
    "awarded": ("已颁奖", "awarded"), "void": ("取消", "cancelled"),
}  # fmt: skip


def said(words: Words, code: str) -> str:
    """A code in the reader's language; one that is not known stands as it is."""
    return choose(*words[code]) if code in words else code
