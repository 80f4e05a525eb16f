"""The rate of an import, from what was stored when."""

import pytest

from benchmarks.companies import company, draft, row
from benchmarks.workshop import Growth

STEADY = Growth(10_000, [(2_000, 3.0), (4_000, 4.0), (6_000, 5.0), (8_000, 6.0), (10_000, 8.0)])


def test_the_start_of_the_workers_is_in_the_seconds_but_not_in_the_rate() -> None:
    assert (STEADY.rows, STEADY.seconds) == (10_000, 8.0)
    assert STEADY.rate == 8_000 / 5


def test_a_part_has_the_rate_of_its_own_chunks() -> None:
    assert STEADY.part(0, 3 / 5).rate == 2_000
    assert STEADY.part(4 / 5, 1).rate == 1_000


def test_a_part_of_a_single_chunk_has_the_rate_of_the_whole() -> None:
    assert STEADY.part(0, 1 / 5).rate == STEADY.rate


def test_an_import_of_one_chunk_is_counted_from_its_start() -> None:
    assert Growth(0, [(300, 2.0), (300, 2.5)]).rate == 120


@pytest.mark.parametrize("place", [0, 7, 999_999])
def test_a_company_is_the_same_wherever_it_is_made(place: int) -> None:
    made = company(place)
    assert made == company(place)
    assert draft(place).number == row(place)["number"] == made.code
    assert str(place) in made.name


def test_no_two_companies_have_one_code() -> None:
    assert len({company(place).code for place in range(2_000)}) == 2_000
