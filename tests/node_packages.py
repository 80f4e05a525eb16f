"""The npm packages that some tests need: used where node is, and missed with a reason where it is not."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_SECONDS = 120


def node_packages(name: str) -> Path:
    """Return the folder `node_modules` of a lock of requirements/npm; skip the test where there is none."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = ROOT / ".venv" / "npm" / name / "node_modules"
    if not folder.is_dir():
        pytest.skip(f"the npm packages for {name} are not installed: requirements/npm/install.sh {name}")
    return folder


def run_node(*arguments: str | Path, folder: Path) -> str:
    """Run node in a folder to its end; return what it printed."""
    done = subprocess.run(
        ["node", *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
