"""A process that publishes status lists and stops in the middle, at the statement it was told, until it is killed.

Run as `python -m tests.licences.killed_publisher URL KEYS STATEMENT`; it writes one line when it stands there.
"""

import sys
from pathlib import Path

from tests.licences.killed_issuer import stop_at
from tests.licences.listing import open_listing
from tests.licences.world import open_world

if __name__ == "__main__":
    url, keys, wanted = sys.argv[1:]
    world = open_world(url, Path(keys))
    listing = open_listing(world)
    stop_at(world, wanted)
    listing.publish()
