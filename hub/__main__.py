"""`python -m hub` is `licence-hub`: the command line, started.

Decides what is imported: a command alone, for what the others need would be time of each, and memory of every server and worker to its end. And that
the garbage collector rests meanwhile: what is imported stays, and looking through it again and again is a sixth of a command's time.
"""

import gc
import sys
from importlib import import_module

from hub.commands.starting import command_line, run
from hub.commands.table import GROUPS, HIDDEN, SINGLE


def main() -> None:
    """Run the command line."""
    gc.disable()
    name = "".join(sys.argv[1:2])
    alone = name in GROUPS or name in SINGLE or name in HIDDEN
    commands = command_line(name) if alone else import_module("hub.cli").app
    gc.freeze()
    gc.enable()
    run(commands)


if __name__ == "__main__":
    main()
