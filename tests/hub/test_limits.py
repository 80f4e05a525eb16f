"""Limits: each is a setting with a safe default and safe bounds, and a refusal of its own."""

import re
from dataclasses import replace

import pytest

from hub import excess
from hub.errors import SettingsError, UnavailableError
from hub.excess import LimitError, PassingError
from hub.limits import DEFAULT_LIMITS, Limits, figures, variable
from hub.settings import read_settings

URL = "https://hub.example.gov.cn"
REFUSALS = [
    each
    for each in vars(excess).values()
    if isinstance(each, type) and issubclass(each, LimitError) and each not in {LimitError, PassingError}
]
SEVERAL = {"peer_budget": "budget"} | dict.fromkeys(
    ("peer_requests", "all_requests", "sockets", "client_sockets", "subscriptions"), "requests"
)


def limits(**variables: str) -> Limits:
    return read_settings({"HUB_PUBLIC_URL": URL, **variables}).limits


@pytest.mark.parametrize("figure", figures(), ids=lambda each: str(each.name))
def test_each_figure_is_a_setting_between_its_bounds(figure: object) -> None:
    name, bounds = figure.name, figure.metadata  # type: ignore[attr-defined]
    loosest = {variable(each.name): str(each.metadata["most"]) for each in figures()}
    tightest = {variable(each.name): str(each.metadata["least"]) for each in figures()}
    assert getattr(limits(**loosest), name) == bounds["most"]
    assert getattr(limits(**tightest), name) == bounds["least"]
    for value in (bounds["least"] - 1, bounds["most"] + 1):
        with pytest.raises(SettingsError, match=variable(name)):
            limits(**{**loosest, variable(name): str(value)})


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "ten", "٣", " 5", "9" * 5000])
def test_a_figure_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="HUB_LIMIT_DEPTH"):
        limits(HUB_LIMIT_DEPTH=text)


def test_a_limit_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="HUB_LIMIT_DEEPNESS"):
        limits(HUB_LIMIT_DEEPNESS="5")


@pytest.mark.parametrize(
    "pair",
    [
        {"document_bytes": 1024 * 1024, "body_bytes": 64 * 1024},
        {"cost": 10_000, "budget": 9_999},
        {"cost": 10_000, "peer_budget": 9_999},
        {"requests": 10, "all_requests": 9},
        {"peer_requests": 10, "all_requests": 9},
    ],
)
def test_what_one_figure_allows_another_must_let_through(pair: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="must not be larger"):
        replace(DEFAULT_LIMITS, **pair)  # type: ignore[arg-type]  # all of them figures


@pytest.mark.parametrize(
    ("url", "word", "answered"),
    [
        (URL, None, False),
        (URL, "on", True),
        ("http://127.0.0.1:8000", None, True),
        ("http://localhost", None, True),
        ("http://127.0.0.1:8000", "off", False),
    ],
)
def test_introspection_is_answered_where_it_is_asked_for_or_on_a_machine_of_ones_own(
    url: str,
    word: str | None,
    answered: bool,  # noqa: FBT001 - the expectation
) -> None:
    variables = {"HUB_PUBLIC_URL": url, **({} if word is None else {"HUB_INTROSPECTION": word})}
    assert read_settings(variables).limits.introspection is answered


@pytest.mark.parametrize("word", ["yes", "ON", "1", " on"])
def test_another_word_for_introspection_is_refused(word: str) -> None:
    with pytest.raises(SettingsError, match="HUB_INTROSPECTION"):
        limits(HUB_INTROSPECTION=word)


def test_each_figure_has_a_refusal_with_a_code_of_its_own() -> None:
    codes = {each.figure: each.code for each in REFUSALS}
    assert {SEVERAL.get(each.name, each.name) for each in figures()} == set(codes)
    assert len(set(codes.values())) == len(REFUSALS)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: str(each.code))
def test_a_refusal_tells_its_figures_to_programs_and_people(refusal: type[LimitError]) -> None:
    error = refusal(1234, 5678)
    assert error.extensions == {"code": refusal.code, "limit": 1234, "actual": 5678}
    assert re.match(r"At most 1,234 .*; here 5,678\. [A-Z]", error.message)
    assert refusal(1234).extensions == {"code": refusal.code, "limit": 1234}
    assert "here" not in refusal(1234).message


def test_a_time_that_is_over_is_tried_again_as_a_database_that_is_gone_is() -> None:
    error = excess.TimeExceededError(10)
    assert isinstance(error, UnavailableError)
    assert "same idempotency key" in error.message
