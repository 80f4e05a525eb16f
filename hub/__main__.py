"""`python -m hub` is `licence-hub`: the command line, started.

Decides what is imported: the commands that run on stand alone, for what the others need would be memory of every server and worker. And that
the garbage collector rests meanwhile: what is imported stays, and looking through it again and again is a sixth of a command's time.
"""

import gc
import sys
from importlib import import_module
from typing import Final

ALONE: Final = {"serve": "hub.commands.serving", "work": "hub.commands.work", "fold": "hub.commands.fold"}


def main() -> None:
    """Run the command line."""
    gc.disable()
    run = import_module(ALONE.get("".join(sys.argv[1:2]), "hub.cli")).main
    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
