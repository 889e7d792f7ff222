"""An award in words: the clause, each step, every reason, the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.kit.messages import sentence
from songhua.policy.award import in_yuan

if TYPE_CHECKING:
    from songhua.kit.messages import Language
    from songhua.policy.award import Award
    from songhua.policy.model import Policy
    from songhua.policy.values import Words


def explain(policy: Policy, award: Award, language: Language = "zh") -> tuple[str, ...]:
    """The sentences a person reads, in order. `policy` is the version that made the award."""
    rule = policy.rules[award.rule]
    title = {"title": said(policy, language), "article": rule.article, "rule": said(rule, language)}
    lines = [sentence("policy_step_clause", language, **title)]
    if rule.carried_from is not None:
        lines.append(sentence("policy_step_carried", language, version=rule.carried_from))
    if award.quote is not None:
        lines.append(award.quote)
    lines += [step.text(language) for step in award.steps]
    lines += [reason.text(language) for reason in award.reasons]
    result = {
        "status": sentence(f"policy_status_{award.status}", language),
        "amount": _amount(award.amount, language),
        "ceiling": _amount(award.ceiling, language),
    }
    lines.append(sentence("policy_step_result", language, **result))
    if award.binding != "none":
        binding = sentence(f"policy_binding_{award.binding}", language)
        lines.append(sentence("policy_step_bound", language, binding=binding))
    return tuple(lines)


def said(words: Words, language: Language) -> str:
    """Words in one language."""
    return words.zh if language == "zh" else words.en


def _amount(fen: int | None, language: Language) -> str:
    if fen is None:
        return sentence("policy_word_unknown", language)
    return said(in_yuan(fen), language)
