"""What a material of a case comes to, why, and what to do instead, in both languages.

Decides which result wins where several ways are open: one table of ranks. It must never say that something is exempt which was not found valid: what could
not be judged is a reason, and neither a yes nor a no.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from hub.catalogue.licence_type import Term


class Result(StrEnum):
    """Results, the best first; of several ways the best wins, of several persons in one role the worst."""

    EXEMPT = "EXEMPT"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    DEPARTMENT_CHECK = "DEPARTMENT_CHECK"
    DEPENDENCY = "DEPENDENCY"
    NOT_VALID = "NOT_VALID"
    COMMITMENT_ALLOWED = "COMMITMENT_ALLOWED"
    DEFERRABLE = "DEFERRABLE"
    NOT_GRANTED = "NOT_GRANTED"
    NOT_FOUND = "NOT_FOUND"
    PAPER_REQUIRED = "PAPER_REQUIRED"


RANKS: Final[Mapping[Result, int]] = MappingProxyType({result: rank for rank, result in enumerate(Result)})


class Why(StrEnum):
    """Why a material came to its result; codes are stable."""

    SATISFIED = "SATISFIED"
    PRESENTED = "PRESENTED"
    SEVERAL_FOUND = "SEVERAL_FOUND"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    NOT_GRANTED = "NOT_GRANTED"
    ROLE_NOT_GRANTED = "ROLE_NOT_GRANTED"
    NOT_FOUND = "NOT_FOUND"
    NO_PARTY = "NO_PARTY"
    RELATION_NOT_PROVED = "RELATION_NOT_PROVED"
    STATUS = "STATUS"
    ISSUER = "ISSUER"
    REQUIREMENT_NOT_MET = "REQUIREMENT_NOT_MET"
    NOT_JUDGED = "NOT_JUDGED"
    NO_LICENCE = "NO_LICENCE"
    EARLIER_BREACH = "EARLIER_BREACH"
    BREACHED = "BREACHED"


RESULT_OF: Final[Mapping[Why, Result]] = MappingProxyType(
    {
        Why.SATISFIED: Result.EXEMPT,
        Why.PRESENTED: Result.EXEMPT,
        Why.SEVERAL_FOUND: Result.EXEMPT,
        Why.CONSENT_NEEDED: Result.CONSENT_NEEDED,
        Why.NOT_GRANTED: Result.NOT_GRANTED,
        Why.ROLE_NOT_GRANTED: Result.NOT_GRANTED,
        Why.NOT_FOUND: Result.NOT_FOUND,
        Why.NO_PARTY: Result.NOT_FOUND,
        Why.RELATION_NOT_PROVED: Result.NOT_FOUND,
        Why.STATUS: Result.NOT_VALID,
        Why.ISSUER: Result.NOT_VALID,
        Why.REQUIREMENT_NOT_MET: Result.NOT_VALID,
        Why.NOT_JUDGED: Result.PAPER_REQUIRED,
        Why.NO_LICENCE: Result.PAPER_REQUIRED,
        Why.EARLIER_BREACH: Result.PAPER_REQUIRED,
        Why.BREACHED: Result.PAPER_REQUIRED,
    }
)
"""What a licence, or that there is none, comes to by itself; a commitment, a deferral or a check may do better."""

# {source} is what the licence is called, {of} whose it is, {detail} the status or the requirement in words.
_REASONS: Final[Mapping[Why, Term]] = MappingProxyType(
    {
        Why.SATISFIED: Term("{of}的{source}有效且符合条件", "{source} of {of} is valid and meets what is asked"),
        Why.PRESENTED: Term(
            "{of}已亮证，{source}有效且符合条件", "{of} has shown {source}, which is valid and meets what is asked"
        ),
        Why.SEVERAL_FOUND: Term(
            "{of}有多本{source}符合条件，所示为最新的一本；可指明是哪一本",
            "several of {source} of {of} do, and the newest is shown; name the one that is meant",
        ),
        Why.CONSENT_NEEDED: Term("读取{of}的{source}须经本人授权", "{source} of {of} is read with the holder's consent"),
        Why.NOT_GRANTED: Term("本机关办理此事项未获{source}的共享授权", "no grant lets this authority read {source} for this item"),
        Why.ROLE_NOT_GRANTED: Term("共享授权不及于{of}", "the grant for {source} does not reach {of}"),
        Why.NOT_FOUND: Term("未查到{of}的{source}", "no {source} of {of} was found"),
        Why.NO_PARTY: Term("办件未列明{of}", "the case declares no party for {of}"),
        Why.RELATION_NOT_PROVED: Term("{of}与申请人的关系未能核实", "how {of} is related to the applicant is not proved"),
        Why.STATUS: Term("{of}的{source}当前不是有效状态：{detail}", "{source} of {of} is not valid today: {detail}"),
        Why.ISSUER: Term("{source}不是由所要求的机关签发", "{source} was not issued by an authority that counts"),
        Why.REQUIREMENT_NOT_MET: Term("{source}不符合条件：{detail}", "{source} does not meet what is asked: {detail}"),
        Why.NOT_JUDGED: Term("{source}能否满足条件无法判断：{detail}", "whether {source} meets this cannot be judged: {detail}"),
        Why.NO_LICENCE: Term("没有电子证照可以代替此材料", "no electronic licence takes the place of this"),
        Why.EARLIER_BREACH: Term(
            "申请人此前违反承诺且尚未修复，不适用告知承诺", "the applicant broke an earlier commitment and has not made up for it, so none is offered"
        ),
        Why.BREACHED: Term("此材料的承诺未履行", "the promise for this material was not kept"),
    }
)  # fmt: skip

# {days} working days, {at} where to look, {before} the materials that come first.
_FALLBACKS: Final[Mapping[Result, Term]] = MappingProxyType(
    {
        Result.EXEMPT: Term("无需提交", "nothing is handed in"),
        Result.CONSENT_NEEDED: Term(
            "请持证人为本办件授权后再查询，或者提交材料", "ask the holder to consent for this case and ask again, or take the paper"
        ),
        Result.DEPARTMENT_CHECK: Term(
            "由本机关自行核验：{at}；不得要求申请人提交", "look it up at {at}; the applicant may not be asked for it"
        ),
        Result.DEPENDENCY: Term("本办件前序环节的结果：先办结{before}", "a result of this case: settle {before} first"),
        Result.NOT_VALID: Term("提交有效的证照或者其他可代替的材料", "take a valid one, or another paper that does"),
        Result.COMMITMENT_ALLOWED: Term(
            "申请人可选择告知承诺，{days}个工作日内核查；不选择的，提交材料", "the applicant may commit to it, to be checked within {days} working days, or hands the paper in"
        ),
        Result.DEFERRABLE: Term("可先予受理，{days}个工作日内补交", "accept the case; the paper follows within {days} working days"),
        Result.NOT_GRANTED: Term("提出共享需求；本次提交材料", "file a demand for the data; take the paper this time"),
        Result.NOT_FOUND: Term("提交材料", "take the paper"),
        Result.PAPER_REQUIRED: Term("提交材料", "take the paper"),
    }
)  # fmt: skip


class Reason(NamedTuple):
    """Why, as a stable code, and whose what it is about; in words when somebody asks for them."""

    why: Why
    source: Term | None = None
    of: Term | None = None
    detail: Term | None = None

    @property
    def words(self) -> Term:
        """Return it in words."""
        return _filled(_REASONS[self.why], {"source": self.source, "of": self.of, "detail": self.detail})


def fallback(result: Result, **words: Term) -> Term:
    """Return what to do when a material comes to a result."""
    return _filled(_FALLBACKS[result], words)


def _filled(term: Term, words: Mapping[str, Term | None]) -> Term:
    known = {name: word or Term("", "") for name, word in words.items()}
    return Term(
        term.zh.format_map({name: word.zh for name, word in known.items()}),
        term.en.format_map({name: word.en for name, word in known.items()}),
    )


def best(results: Iterable[Result]) -> Result:
    """Return the best of several ways."""
    return min(results, key=RANKS.__getitem__)


def worst(results: Iterable[Result]) -> Result:
    """Return the worst of several persons."""
    return max(results, key=RANKS.__getitem__)
