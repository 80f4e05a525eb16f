"""`python -m hub` is `licence-hub`: the command line, started.

Decides only that the garbage collector rests while everything is imported: what is imported stays, and looking through it again and again is a sixth
of a command's time.
"""

import gc
from importlib import import_module


def main() -> None:
    """Run the command line."""
    gc.disable()
    run = import_module("hub.cli").main
    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
