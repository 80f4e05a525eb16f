"""docs/importing.md says what is true: its map is one, and every reason of a fault is explained."""

import json
import re
from pathlib import Path

from hub.licences.importing.dates import STYLES
from hub.licences.importing.mapping import Map
from hub.tabular.faults import REASONS
from hub.tabular.formats import FORMATS

GUIDE = (Path(__file__).parents[3] / "docs" / "importing.md").read_text("utf-8")


def test_the_map_of_the_guide_is_one() -> None:
    example = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)[0]
    plan = Map.parse(json.loads(example))
    assert len(plan.columns) == 7


def test_every_reason_and_format_is_explained() -> None:
    words = set(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL)))
    assert REASONS.keys() | {"RULE"} <= words
    assert STYLES.keys() <= words
    assert {suffix for row in FORMATS.values() for suffix in row.suffixes} <= {
        part for word in words for part in word.split()
    }
