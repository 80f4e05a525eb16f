"""The way of the one route that is asked all the time, past the table of all others.

Decides nothing but the way: a table of routes and its middleware cost a look-up as much as its policy does. Whatever is not
exactly the route's path and one of its methods goes by the table.
"""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut:
    """Leads one path to its application and everything else to the others."""

    def __init__(self, path: str, methods: Collection[str], app: ASGIApp, others: ASGIApp) -> None:
        """`app` answers `path` for `methods`."""
        self._path = path
        self._methods = frozenset(methods)
        self._app = app
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        short = scope["type"] == "http" and scope["path"] == self._path and scope["method"] in self._methods
        await (self._app if short else self._others)(scope, receive, send)
