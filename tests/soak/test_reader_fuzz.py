"""The import's readers under a coverage-guided fuzzer (atheris), from a corpus of good and bad files, for a bounded time."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.tabular.files import CLOSED, GOOD
from tests.tabular.reading import PARTS

SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
# The readers a kind of file goes to, by their places in fuzz_readers.READERS.
READERS = {"csv": (0, 1), "tsv": (0,), "jsonl": (2,), "xlsx": (3,), "parquet": (4,)}
FIRST_PART = 8
ROWS = {
    5: "number,holders[0].code,holders[0].name,issuedOn,members[0].name,members[0].isHead\n1,99020019850312001X,甲,2026-1-1,乙,是\n",
    6: '{"number":"1","holders":[{"codeType":"111","code":"99020019850312001X","name":"甲"}],"mother":{"age":30},"bornAt":"2026-03-02T08:15:00+08:00"}\n',
    7: '{"columns":{"a":["number",{"to":"members[0].name","separator":";","digits":3}],"b":null},"dates":"DMY","constants":{"$reason":"x"}}',
}


def plant(corpus: Path) -> None:
    """Write the seeds: the reader's place, then a file."""
    files = {**GOOD} | {name: data for name, (data, _) in CLOSED.items() if len(data) < 20_000}
    seeds = [(place, data) for name, data in files.items() for place in READERS.get(name.rpartition(".")[2], ())]
    seeds += [(place, rows.encode()) for place, rows in ROWS.items()]
    with zipfile.ZipFile(BytesIO(GOOD["excel.xlsx"])) as package:
        seeds += [(FIRST_PART + place, package.read(part)) for place, part in enumerate(PARTS)]
    for number, (place, data) in enumerate(seeds):
        (corpus / str(number)).write_bytes(bytes([place]) + data)


@pytest.mark.soak
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this platform")
def test_no_bytes_make_a_reader_fail(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    plant(corpus)
    limits = [f"-max_total_time={SECONDS}", "-max_len=8192", "-timeout=30", "-rss_limit_mb=2048", "-seed=7"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.soak.fuzz_readers", str(corpus), *limits],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS + 300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "DONE" in run.stderr
