"""The catalogues: every text in both languages, every text used, and none outside of them."""

import re
import runpy
import string
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub.access.staff.roles import ROLES
from hub.web.words.catalogues import Words, words
from hub.web.words.dates import Dates
from hub.web.words.languages import CHINESE, ENGLISH, Language, chosen
from tests.access.staff.office import CALENDAR

WEB = Path(__file__).parents[2] / "hub" / "web"
TEMPLATES = [path for path in WEB.rglob("*.html") if "explorer" not in path.parts]
USED = re.compile(r"""\bwords\(\s*["']([a-z_A-Z.]+)["']\s*[,)]""")
ID = re.compile(r"""["']([a-z_]+(?:\.[a-zA-Z_]+)+)["']""")
MADE: Sequence[tuple[str, frozenset[str]]] = [
    made for path in Path(__file__).parent.rglob("made_words.py") for made in runpy.run_path(str(path))["MADE"].items()
]
SENTENCE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]|[A-Za-z]{2,}")
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z/!][^>]*>", re.DOTALL)
TOLD = re.compile(r"""(?:alt|title|placeholder|aria-label|value)="([^"]*)\"""")


def _used() -> set[str]:
    found = {name for path in TEMPLATES for name in USED.findall(path.read_text("utf-8"))}
    known = words(ENGLISH)
    sources = [*TEMPLATES, *WEB.rglob("*.py"), *(WEB / "static").glob("*.js"), *WEB.glob("*/front/**/*.js")]
    return found | {name for path in sources for name in ID.findall(path.read_text("utf-8")) if name in known}


def _made() -> set[str]:
    return {form.format(name) for form, names in MADE for name in names}


def _ids(catalogue: Words) -> set[str]:
    return set(catalogue.under(""))


def _hard_coded(template: str) -> list[str]:
    """Return what a reader would be told by the template itself."""
    text = JINJA.sub("", template)
    return [each for each in (*TOLD.findall(text), *TAG.sub("\n", text).split("\n")) if SENTENCE.search(each)]


def test_both_catalogues_hold_the_same_ids_and_no_text_is_missing() -> None:
    chinese, english = words(CHINESE), words(ENGLISH)
    assert _ids(chinese) == _ids(english)
    assert [name for each in (chinese, english) for name, text in each.under("").items() if not text.strip()] == []


def test_every_id_that_is_used_has_words() -> None:
    assert sorted((_used() | _made()) - _ids(words(ENGLISH))) == []


def test_every_word_is_used() -> None:
    assert sorted(_ids(words(ENGLISH)) - _used() - _made()) == []


def test_both_languages_take_the_same_values() -> None:
    taken = [
        {name: {part[1] for part in string.Formatter().parse(text) if part[1]} for name, text in words(each).under("").items()}
        for each in (CHINESE, ENGLISH)
    ]  # fmt: skip
    assert taken[0] == taken[1]


def test_each_text_is_in_its_own_language() -> None:
    cjk = re.compile(r"[\u4e00-\u9fff]")
    assert [name for name, text in words(ENGLISH).under("").items() if cjk.search(text)] == []
    assert [name for name, text in words(CHINESE).under("").items() if not cjk.search(text)] == []


def test_roles_have_the_names_that_the_hub_gives_them() -> None:
    assert {name: words(CHINESE)(f"role.{name}") for name in ROLES} == {
        each.name: each.title for each in ROLES.values()
    }


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_text_stands_in_a_template(template: Path) -> None:
    assert _hard_coded(template.read_text("utf-8")) == []


@pytest.mark.parametrize("text", ["<p>请登录</p>", "<p>Sign in</p>", '<img alt="Seal">', '<a aria-label="关闭">'])
def test_a_text_in_a_template_would_be_seen(text: str) -> None:
    assert _hard_coded(text)


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        (None, "", CHINESE),
        (None, "en", ENGLISH),
        (None, "en-GB,en;q=0.9", ENGLISH),
        (None, "de, en;q=0.5, zh;q=0.4", ENGLISH),
        (None, "en;q=0.3, zh-CN;q=0.8", CHINESE),
        (None, "en;q=0", CHINESE),
        (None, "fr", CHINESE),
        (None, "en;q=high, ;;,,", CHINESE),
        ("en", "zh-CN", ENGLISH),
        ("zh-CN", "en", CHINESE),
        ("xx", "en", ENGLISH),
    ],
)
def test_a_reader_gets_the_language_he_chose_or_prefers(cookie: str | None, header: str, language: Language) -> None:
    assert chosen(cookie, header) is language


@pytest.mark.parametrize(
    ("language", "day", "moment", "span"),
    [
        (CHINESE, "2026年11月22日", "2026年11月22日 00:30", "15分钟"),
        (ENGLISH, "22 November 2026", "22 November 2026 00:30", "15 minutes"),
    ],
)
def test_dates_are_written_as_people_do_in_the_hubs_time_zone(
    language: Language, day: str, moment: str, span: str
) -> None:
    dates = Dates(language, CALENDAR)
    assert dates.day(date(2026, 11, 22)) == dates.day("2026-11-22") == day
    assert dates.moment(datetime(2026, 11, 21, 16, 30, tzinfo=UTC)) == moment
    assert dates.span(timedelta(minutes=15)) == span


def test_a_value_is_put_in_as_text_and_an_unknown_id_is_an_error() -> None:
    told = Words(ENGLISH, {"a": "to {name}"})
    assert told("a", name="{name} {0.__class__}") == "to {name} {0.__class__}"
    with pytest.raises(KeyError):
        told("b")
