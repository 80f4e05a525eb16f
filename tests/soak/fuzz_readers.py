"""The fuzzer of the import's readers (atheris, coverage-guided): python -m tests.soak.fuzz_readers CORPUS -max_total_time=60.

The first byte of an input says which reader gets the rest. Whatever the bytes, there are rows, bad rows or a refusal.
"""

import sys

import atheris
import orjson

with atheris.instrument_imports(include=["hub.tabular", "hub.licences.importing", "hub.catalogue.face_rules"]):
    from hub.tabular.rows import Options
    from tests.tabular import reading

_ENCODINGS = (Options("utf-8"), Options("gb18030", ";"), Options("utf-16"))


def _map(data: bytes) -> None:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    reading.parse_map(document)


READERS = (
    lambda data: reading.read_all(data, "a.csv"),
    lambda data: reading.read_all(data[1:], "a.csv", _ENCODINGS[data[0] % 3] if data else None),
    lambda data: reading.read_all(data, "a.jsonl"),
    lambda data: reading.read_all(data, "a.xlsx"),
    lambda data: reading.read_all(data, "a.parquet"),
    lambda data: reading.draft_all(data, "a.csv", "HouseholdRegister"),
    lambda data: reading.draft_all(data, "a.jsonl", "BirthMedicalCertificate"),
    _map,
    *(lambda data, part=part: reading.read_all(part(data), "a.xlsx") for part in reading.PARTS.values()),
)


def target(data: bytes) -> None:
    """Give bytes to the reader that the first one names."""
    if data:
        READERS[data[0] % len(READERS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
