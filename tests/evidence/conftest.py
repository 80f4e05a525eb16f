"""The world of tests of sharing, here too."""

from tests.sharing.conftest import empty_world, world

__all__ = ["empty_world", "world"]
