"""Patterns of the console: what was typed is shown again, what is wrong stands at its field, and nothing that is shown becomes HTML."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.errors import HubError, InputInvalidError, StatusForbidsError
from hub.web.console.problems import NOTHING_WRONG, Problem, Problems, missing, problem
from hub.web.rendering import environment
from hub.web.words.catalogues import words
from hub.web.words.dates import Dates
from hub.web.words.languages import ENGLISH
from tests.access.staff.office import CALENDAR
from tests.web.visitor import _Fields

EVIL = '<script>alert("x")</script>'


class NewlyMadeError(HubError):
    """Do it some other way."""

    code = "NEWLY_MADE"


def shown(template: str, problems: Problems = NOTHING_WRONG, **typed: str) -> str:
    known: dict[str, Any] = {
        "words": words(ENGLISH), "dates": Dates(ENGLISH, CALENDAR), "href": lambda path: f"/hub{path}", "token": "T",
        "once": "O", "problems": problems, "typed": typed, "now": datetime(2026, 11, 26, tzinfo=UTC), "evil": EVIL,
    }  # fmt: skip
    names = "act, area, cell, checkbox, checkboxes, file, filters, input, number, paging, paging_by_post, problem_summary, radios, row, search, select, summary, table, tag"
    return (
        environment()
        .from_string(f'{{% from "console/patterns.html" import {names} with context %}}{template}')
        .render(known)
    )


@pytest.mark.parametrize(
    "template",
    [
        "{{ input('a', evil, evil) }}", "{{ area('a', evil) }}", "{{ select('a', evil, [(evil, evil)]) }}", "{{ checkbox('a', evil) }}",
        "{{ radios('a', evil, [(evil, evil)]) }}", "{{ row(evil, evil, evil, evil) }}", "{{ tag('good', evil) }}",
        "{% call table(evil, [evil]) %}<tr>{{ cell(evil, evil, evil, evil) }}{{ number(evil, evil) }}</tr>{% endcall %}",
        "{{ paging(evil, evil) }}", "{{ paging_by_post(evil, {evil: evil}, evil, evil) }}",
        "{% call act(evil, evil, evil, revision=evil) %}{% endcall %}", "{% call search(evil, evil) %}{% endcall %}",
    ],
)  # fmt: skip
def test_nothing_that_is_shown_becomes_html(template: str) -> None:
    page = shown(template, Problems((Problem("a", "problem.NOWHERE", EVIL),), 400), a=EVIL)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_what_was_typed_is_shown_again_but_for_passwords() -> None:
    page = shown(
        "{{ input('a', 'A', maxlength=5) }}{{ area('b', 'B') }}{{ select('c', 'C', [('1', 'one'), ('2', 'two')], value='1') }}"
        "{{ input('d', 'D', type='password') }}{{ checkboxes('e', 'E', [('e_x', 'x'), ('e_y', 'y')], checked=['e_x']) }}",
        a="typed a", b="typed b", c="2", d="secret", e_y="yes",
    )  # fmt: skip
    assert 'value="typed a" maxlength="5"' in page
    assert ">typed b</textarea>" in page
    assert '<option value="2" selected>' in page
    assert "secret" not in page
    assert [name in part for part in page.split("<input")[-2:] for name in ('name="e_x"', "checked")] == [True, False, False, True]  # fmt: skip


def test_what_is_wrong_stands_at_its_field_and_on_top_with_a_link_to_it() -> None:
    page = shown(
        "{{ problem_summary() }}{{ input('reason', 'Reason', 'a hint') }}{{ input('other', 'Other') }}",
        missing("reason"),
    )
    assert '<a href="#reason">Give the reason.</a>' in page
    assert 'aria-describedby="reason-hint reason-wrong" aria-invalid="true"' in page
    assert page.count("has-error") == 1


def test_a_refusal_is_told_by_its_code_else_by_its_own_message() -> None:
    summary = "{{ problem_summary() }}"
    known = problem(StatusForbidsError(), lambda _: 409, {"STATUS_FORBIDS": "status"})
    assert known.status == 409
    assert '<a href="#status">The licence&#39;s status does not allow this; nothing was changed.</a>' in shown(
        summary, known
    )
    unknown = shown(summary, problem(NewlyMadeError(), lambda _: 400))
    assert '<span lang="en">Do it some other way.</span>' in unknown
    assert problem(InputInvalidError("x"), lambda _: 400, otherwise="a").of("a") is not None


def test_an_act_carries_its_key_its_revision_and_asks_why() -> None:
    read = _Fields()
    read.feed(shown("{% call act('/a', 'Do it', '/b', revision=0) %}{% endcall %}"))
    assert read.hidden == {"form_token": "T", "once": "O", "revision": "0"}
    assert read.names == ["form_token", "once", "revision", "basis"]


def test_pages_of_a_search_take_its_terms_along_outside_of_addresses() -> None:
    page = shown("{{ paging_by_post('/s', {'number': 'secret 5'}, '', 'cursor') }}")
    read = _Fields()
    read.feed(page)
    assert read.hidden == {"form_token": "T", "number": "secret 5", "after": "cursor"}
    assert 'action="/hub/s"' in page
    assert shown("{{ paging('', '') }}").strip() == ""
