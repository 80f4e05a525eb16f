"""Dashboard and audit in a real browser: readable at both widths and on paper, tables behind plots, proofs and alerts."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.small_hub import ISSUER, READER
from tests.browser.console_hub import ConsoleHub
from tests.browser.pages_hub import SIZES
from tests.web.console.office import OTHER

WIDE, NARROW = SIZES
FIGURE = "INSERT INTO supervision_figure (day, authority, type_key, item, measure, reason, count) VALUES (?, ?, 'BusinessLicence', ?, ?, ?, ?)"


@pytest.fixture(scope="module")
def watched(console: ConsoleHub) -> ConsoleHub:
    """Give a year of figures, as if they had been folded, and an alert."""
    today = date.today()  # noqa: DTZ011 - a day more or less
    rows = []
    for back in range(1, 360):
        day, busy = (today - timedelta(days=back)).isoformat(), 300 + (back * 37) % 211 - back // 2
        rows += [(day, READER, "item", "ALLOWED", "", busy), (day, READER, "item", "MISSED", "", busy // 9)]
        rows += [
            (day, READER, "item", "DENIED", "NOT_GRANTED", busy // 30 + (back == 9) * 180),
            (day, READER, "item", "EXEMPTED", "", busy // 3),
        ]
        rows += [(day, ISSUER, "", "SEALED", "", busy // 5)]
    with sqlite3.connect(Path(console.serving.environment["HUB_DATA"]) / "hub.db", timeout=30) as database:
        database.executemany(FIGURE, rows)
        database.executemany(
            "INSERT INTO supervision_latency (day, authority, bucket, count) VALUES (?, ?, ?, ?)",
            [((today - timedelta(days=back)).isoformat(), READER, bucket + back % 3, count) for back in range(60) if back % 17 for bucket, count in ((14, 500), (18, 40), (24, 6))],
        )  # fmt: skip
        database.executemany(
            "INSERT INTO supervision_expected (id, authority, type_key, number, as_of, source, set_by, set_at) VALUES (?, ?, 'BusinessLicence', ?, '2026-01-01', 'a catalogue', 'x', 1)",
            [("e1", ISSUER, 7), ("e2", OTHER, 3), ("e3", READER, 50)],
        )
        (record,) = database.execute(
            "SELECT id FROM audit_record WHERE kind = 'licence' ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        database.execute(
            "INSERT INTO supervision_alert (id, rule, subject, authority, client, place, at, figures, records, state)"
            " VALUES ('0a1b', 'MISSES', 'client-1', ?, 'client-1', 3, 1764000000000000, '{\"misses\": 20, \"threshold\": 20}', ?, 'RAISED')",
            (READER, f'["{record}"]'),
        )
    database.close()
    return console


@pytest.mark.parametrize(("size", "language"), [(WIDE, "zh-CN"), (NARROW, "en")])
def test_plots_are_read_at_both_widths_with_a_table_behind_each(
    browser: Browser, watched: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with watched.visit(browser, size, language, "AUDITOR") as visit:
        visit.open("/console/dashboard")
        pictures = visit.page.locator(".plot-picture svg:visible")
        expect(pictures).to_have_count(5)
        for box in [pictures.nth(place).bounding_box() for place in range(5)]:
            assert box is not None
            assert box["height"] > 100
        sizes = visit.page.evaluate(
            "[...document.querySelectorAll('.plot-picture text')].filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().height)"
        )
        assert min(sizes) >= 11, "texts of plots can be read"
        visit.look(f"dashboard-{size[0]}")
        visit.page.locator(".plot summary").first.click()
        expect(visit.page.locator(".plot-table:visible")).to_have_count(1)


def test_the_dashboard_is_printed_on_a4(browser: Browser, watched: ConsoleHub) -> None:
    with watched.visit(browser, WIDE, "zh-CN", "AUDITOR") as visit:
        visit.open("/console/dashboard")
        visit.page.emulate_media(media="print")
        visit.page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
        expect(visit.page.locator(".filters")).to_be_hidden()
        expect(visit.page.locator(".plot-picture svg:visible")).to_have_count(5)
        visit.expect_no_scrolling_sideways()
        visit.shot("dashboard-print")


@pytest.mark.parametrize(("size", "language"), [pytest.param(WIDE, "zh-CN", marks=pytest.mark.soak), (NARROW, "en")])
def test_an_auditor_goes_from_a_search_to_a_proof_and_deals_with_an_alert(
    browser: Browser, watched: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with watched.visit(browser, size, language, "AUDITOR") as visit:
        visit.open("/console/audit?kind=licence")
        visit.look(f"audit-search-{size[0]}")
        visit.page.locator("main table a").first.click()
        expect(visit.page.locator("[data-outcome=PASSED]")).to_have_count(5)
        visit.page.locator("summary").last.click()
        visit.look(f"audit-record-{size[0]}")
        visit.open("/console/audit/alerts")
        visit.look(f"audit-alerts-{size[0]}")
        visit.page.locator("main table a").first.click()
        visit.look(f"audit-alert-{size[0]}")
        visit.open("/console/audit/log")
        visit.look(f"audit-log-{size[0]}")


@pytest.mark.soak
@pytest.mark.parametrize(("size", "language"), [(WIDE, "zh-CN"), (NARROW, "en")])
def test_what_is_expected_and_a_whole_year_can_be_read(
    browser: Browser, watched: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with watched.visit(browser, size, language, "CATALOGUE_STEWARD") as visit:
        visit.open("/console/dashboard/expected")
        visit.look(f"expected-{size[0]}")
    with watched.visit(browser, size, language, "AUDITOR") as visit:
        visit.open("/console/dashboard?period=year")
        visit.look(f"dashboard-year-{size[0]}")
