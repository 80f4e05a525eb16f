"""The front's modules in node: as the bundle finds its packages, and as the counter's page calls them."""

import json
import shutil
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.node_packages import ROOT, node_packages, run_node

FRONT = ROOT / "hub" / "web" / "counter" / "front"
HERE = Path(__file__).parent


def front(folder: Path) -> Path:
    """Lay the front's modules beside their packages; skip the test where there are none."""
    packages = node_packages("pages")
    if not (packages / "sm-crypto-v2").is_dir():
        pytest.skip("the npm packages for pages are of an older lock: requirements/npm/install.sh pages")
    (folder / "node_modules").symlink_to(packages)
    return Path(shutil.copytree(FRONT, folder / "front"))


def judged(
    folder: Path, keys: Sequence[Mapping[str, Any]], token: bytes, parts: Mapping[str, bytes],
    codes: Sequence[tuple[str, datetime]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the verdicts that the page comes to by a pack."""
    asked = {
        "pack": {"jwks": list(keys), "token": _base64(token), "parts": {name: _base64(one) for name, one in parts.items()}},
        "codes": [{"text": text, "at": at.timestamp() * 1000} for text, at in codes],
    }  # fmt: skip
    file = folder / "asked.json"
    file.write_text(json.dumps(asked), "utf-8")
    told: list[dict[str, Any]] = json.loads(run_node(HERE / "judge.mjs", folder / "front", file, folder=folder))
    return told


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")
