"""A thousand licences on paper and back: every code that was printed is read again, askew and blurred, and verifies."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.soak.paper import trip

LICENCES, PROCESSES = 1_000, 2


@pytest.mark.soak
def test_a_thousand_licences_go_to_paper_and_back() -> None:
    apart = multiprocessing.get_context("spawn")  # typesetter and reader have threads of their own
    with ProcessPoolExecutor(PROCESSES, mp_context=apart) as several:
        failed = [each for each in several.map(trip, range(LICENCES), chunksize=25) if each]
    assert failed == []
