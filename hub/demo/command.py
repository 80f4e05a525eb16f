"""`licence-hub demo`: builds the city, serves it, tells the story over HTTP, writes demo.json last."""

import asyncio
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hub.app import create_app
from hub.composition import Hub, open_hub
from hub.database import Database
from hub.demo.build import City, build_city
from hub.demo.manifest import write_manifest
from hub.demo.platform import DemoPlatform, believed
from hub.demo.story import tell
from hub.demo.working_years import write_working_years
from hub.errors import SettingsError
from hub.settings import Settings
from hub.settling import settle

MARKER = ".licence-hub-demo"
LONGEST_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Where the demonstration lives, on which port, and whether it ends after the story."""

    folder: Path
    port: int
    once: bool


def run_demo(options: DemoOptions, screen: Console) -> None:
    """Build, serve, tell, and go on serving unless `once`.

    Raises:
        SettingsError: the port is in use, or the folder holds something else.
    """
    started = time.monotonic()
    with listen(options.port) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        hub = make_hub(prepare_folder(options.folder), url)
        city = build_with_progress(hub, options.folder, screen)
        screen.print(
            f"[bold]{len(city.licences)} licences sealed[/bold] in {time.monotonic() - started:.1f} s; serving at {url}"
        )
        app = create_app(hub)
        settle()
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(serve(uvicorn.Server(config), city, listener, options, screen))


def prepare_folder(folder: Path) -> Path:
    """Empty the folder of an earlier demonstration, or make it; anything else in it stays untouched.

    Raises:
        SettingsError: the folder holds something that is not a demonstration.
    """
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise SettingsError(f"{folder} holds something else; choose another folder with --dir.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / MARKER).touch()
    return folder


def make_hub(folder: Path, url: str) -> Hub:
    """Open a new hub on SQLite in the folder, with a passphrase made for it."""
    passphrase_file = folder / "passphrase"
    passphrase_file.touch(mode=0o600)
    passphrase_file.write_text(secrets.token_urlsafe(32))
    database_url = f"sqlite:///{folder / 'hub.db'}"
    Database(database_url).migrate()
    DemoPlatform.make(folder)
    settings = Settings(
        public_url=url, data=folder, database_url=database_url, passphrase_file=passphrase_file, explorer=True,
        platform=believed(folder), metrics=True,
        working_days_file=write_working_years(folder, datetime.now(UTC).date()),
    )  # fmt: skip
    return open_hub(settings, settings.passphrase())


def build_with_progress(hub: Hub, folder: Path, screen: Console) -> City:
    """Build the city with a bar that shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen) as progress:
        bar = progress.add_task("Sealing licences", total=None)

        def advance(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        return build_city(hub, folder, advance)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback.

    Raises:
        SettingsError: the port is in use.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # by name: TCP_NODELAY hangs on it
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} cannot be used ({os.strerror(error.errno or 0)}); choose another with --port."
        ) from error
    return listener


async def serve(
    server: uvicorn.Server, city: City, listener: socket.socket, options: DemoOptions, screen: Console
) -> None:
    """Serve, tell the story from another thread, write the manifest, and end when told to."""
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await wait_until(lambda: server.started or serving.done())
        statuses = await asyncio.to_thread(tell, city, city.url, screen)
        write_manifest(options.folder, city, statuses)
        screen.print(f"{options.folder / 'demo.json'} tells scripts how to call.", soft_wrap=True)
        if options.once:
            server.should_exit = True
        else:
            screen.print(sign_ins(city))
            screen.print(
                f"They sign in at {city.url}/sign-in; `licence-hub token --staff officer` prints the code of the half minute. Clerks scan at {city.url}/counter; anybody may look at {city.url}/V/.",
                soft_wrap=True,
            )
            screen.print(
                f"Try queries at {city.url}/explorer; `licence-hub token` prints a token for it, with --holder that of a person.",
                soft_wrap=True,
            )
            screen.print(f"Serving at [bold]{city.url}[/bold] until Ctrl-C.", soft_wrap=True)
    except BaseException:
        server.should_exit = True
        raise
    finally:
        await serving


def sign_ins(city: City) -> Table:
    """Return who signs in as what."""
    names = {each.code: each.name_en for each in city.authorities.values()}
    table = Table("login", "password", "role", "of", title="One sign-in for each role")
    for each in city.staff:
        table.add_row(each.login, each.password, each.role, names.get(each.authority or "", "the whole hub"))
    return table


async def wait_until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds."""
    async with asyncio.timeout(LONGEST_START_SECONDS):
        while not condition():  # noqa: ASYNC110 - uvicorn tells its start by a flag only
            await asyncio.sleep(0.02)
