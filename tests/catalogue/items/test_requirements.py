"""Requirements over plain values: three answers, never an exception, and never yes because something is missing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.licence_type import Term
from hub.catalogue.requirements import OPERATORS, Judgement, Requirement, judge

DAY = date(2026, 11, 26)
YES, NO, UNKNOWN = Judgement.YES, Judgement.NO, Judgement.UNKNOWN


def _judged(operator: str, value: Any, face: dict[str, Any], path: str = "field") -> Judgement:
    return judge(Requirement("named", "SomeType", path, operator, value, Term("甲", "A")), face, DAY)


CASES = [
    ("equals", "货运", "货运", YES),
    ("equals", "货运", "客运", NO),
    ("equals", "货运", 7, UNKNOWN),
    ("equals", True, True, YES),
    ("equals", 1, True, UNKNOWN),  # a yes is no number
    ("isOneOf", ["A2", "B2"], ["C1", "B2"], YES),
    ("isOneOf", ["A2", "B2"], ["C1"], NO),
    ("isOneOf", ["A2"], [], UNKNOWN),  # an empty list says nothing
    ("isNoneOf", ["注销", "扣留"], "正常", YES),
    ("isNoneOf", ["注销", "扣留"], ["正常", "扣留"], NO),
    ("includes", "B2", ["B2", "C1"], YES),
    ("containsAny", ["餐饮服务", "食品销售"], "许可项目：餐饮服务。", YES),
    ("containsAny", ["餐饮服务"], "软件开发", NO),
    ("containsAny", ["ＡＢ"], "AB", YES),  # one spelling
    ("atLeast", 1_000_000, "500万元人民币", YES),
    ("atLeast", 1_000_000, "99.5万元", NO),
    ("atLeast", 1_000_000, "1,000,000元", YES),
    ("atLeast", 1_000_000, "0.01亿", YES),
    ("atLeast", 1_000_000, "100万美元", UNKNOWN),  # of another currency: not compared
    ("atLeast", 1_000_000, "伍佰万元整", UNKNOWN),
    ("atLeast", 1_000_000, "人民币500万元", YES),
    ("atLeast", 1_000_000, "（人民币）９９．５万元整", NO),
    ("atLeast", 1_000_000, "￥1，000，000", YES),
    ("atLeast", 1_000_000, "人民币500万美元", UNKNOWN),
    ("atLeast", 1_000_000, "人民币500平方米", UNKNOWN),
    ("atLeast", "4500.5", "4501kg", YES),
    ("atLeast", 4501, "4500千克", NO),
    ("atLeast", 4501, "4.5吨", UNKNOWN),
    ("atMost", 12, 12, YES),
    ("atMost", 12, 13, NO),
    ("atMost", 12, True, UNKNOWN),
    ("onOrAfter", "today", "2026-11-26", YES),
    ("onOrAfter", "today", "2026-11-25", NO),
    ("onOrAfter", "today", "长期", UNKNOWN),
    ("onOrAfter", "today", "today", UNKNOWN),  # a face never says so
    ("onOrBefore", "2026-01-01", "2025-12-31T23:00:00+08:00", YES),
    ("onOrBefore", "2026-01-01", "2026-02-30", UNKNOWN),
    ("withinDays", 180, "2026-06-01", YES),
    ("withinDays", 180, "2026-05-01", NO),
    ("withinDays", 180, "2027-01-01", NO),
    ("youngerThan", 64, "1962-11-27", YES),
    ("youngerThan", 64, "1962-11-26", NO),  # 64 today
    ("olderThan", 22, "2004-11-26", YES),
    ("olderThan", 22, "2004-11-27", NO),
    ("olderThan", 22, "12 May", UNKNOWN),
]


@pytest.mark.parametrize(("operator", "asked", "found", "answer"), CASES)
def test_an_operator_answers(operator: str, asked: Any, found: Any, answer: Judgement) -> None:
    assert _judged(operator, asked, {"field": found}) is answer


_WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@given(
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.sampled_from([("", 1), ("万", 10_000), ("亿", 100_000_000)]),
    st.sampled_from(
        [("", ""), ("", "元"), ("", "元人民币"), ("人民币", "元"), ("（人民币）", "元整"), ("￥", ""), ("RMB ", "元")]
    ),
    st.sampled_from(["f", ",f"]),
    st.sampled_from([_WIDE, {}]),
)
def test_an_amount_is_the_same_however_it_is_printed(
    amount: Decimal, unit: tuple[str, int], around: tuple[str, str], grouping: str, width: dict[int, int]
) -> None:
    (times, factor), (before, after) = unit, around
    printed, worth = f"{before}{amount:{grouping}}{times}{after}".translate(width), amount * factor
    face = {"field": printed}
    assert _judged("atLeast", f"{worth:f}", face) is YES
    assert _judged("atMost", f"{worth:f}", face) is YES
    assert _judged("atMost", int(worth) - 1, face) is NO


def test_every_operator_is_tried_here() -> None:
    assert {operator for operator, *_ in CASES} == set(OPERATORS)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("face", [{}, {"field": None}, {"field": {}}, {"field": []}, {"other": "x"}])
def test_what_is_missing_is_neither_yes_nor_no(operator: str, face: dict[str, Any]) -> None:
    asked = next(value for name, value, *_ in CASES if name == operator)
    assert _judged(operator, asked, face) is UNKNOWN


def test_one_of_several_is_enough_and_another_that_is_missing_leaves_no_no() -> None:
    face = {"members": [{"relation": "户主"}, {}]}
    assert _judged("equals", "户主", face, "members.relation") is YES
    assert _judged("equals", "子", face, "members.relation") is UNKNOWN
    assert _judged("isNoneOf", ["户主"], face, "members.relation") is NO
    assert _judged("isNoneOf", ["子"], face, "members.relation") is UNKNOWN


def test_who_was_born_on_a_leap_day_completes_a_year_in_march() -> None:
    young = Requirement("named", "SomeType", "born", "youngerThan", 18, Term("甲", "A"))
    assert judge(young, {"born": "2008-02-29"}, date(2026, 2, 28)) is YES
    assert judge(young, {"born": "2008-02-29"}, date(2026, 3, 1)) is NO


_FACES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["field", "inner"]), inner, max_size=2),
    max_leaves=6,
)
_ASKED = _FACES | st.lists(st.text(max_size=5), max_size=3) | st.just("today") | st.integers(1, 150)


@given(st.sampled_from(sorted(OPERATORS)), _ASKED, _FACES, st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_no_face_makes_an_operator_fail(operator: str, asked: Any, face: Any, day: date) -> None:
    row = OPERATORS[operator]
    if row.accepts(asked):
        one = Requirement("named", "SomeType", "field.inner", operator, asked, Term("甲", "A"))
        assert judge(one, {"field": face}, day) in Judgement
        assert judge(one, {"field": {"inner": face}}, day) in Judgement


@given(st.dates(date(1930, 1, 1), DAY), st.integers(1, 150))
def test_younger_and_older_are_each_others_no(born: date, years: int) -> None:
    face = {"field": born.isoformat()}
    assert {_judged("youngerThan", years, face), _judged("olderThan", years, face)} == {YES, NO}


@given(st.dates(date(2000, 1, 1), DAY + timedelta(days=400)), st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_days_are_compared_as_days(found: date, bound: date) -> None:
    face = {"field": found.isoformat()}
    assert (_judged("onOrAfter", bound.isoformat(), face) is YES) == (found >= bound)
    assert (_judged("onOrBefore", bound.isoformat(), face) is YES) == (found <= bound)


@given(st.lists(st.sampled_from(["A1", "A2", "B1", "B2", "C1"]), min_size=1), st.sampled_from(["A2", "B2"]))
def test_a_list_includes_what_is_in_it(classes: list[str], asked: str) -> None:
    assert (_judged("includes", asked, {"field": classes}) is YES) == (asked in classes)
