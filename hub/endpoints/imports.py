"""Files of imports over HTTP: in as a stream, and the rejected rows out as one.

Decides how a file is sent: its kind by the media type, its bytes as they are, no name. What comes is handed on chunk by chunk and never
held whole, so these routes pass beside the guard, which holds bodies and answers; what they owe the record is written by the
services before the first byte of an answer. A file that does not arrive whole leaves nothing.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from hub.endpoints.callers import caller_of
from hub.endpoints.errors import NO_STORE, json, told
from hub.endpoints.services import EndpointServices, KeptUpload, UploadService
from hub.errors import HubError
from hub.excess import BodyTooSlowError, UploadTooLargeError
from hub.licences.importing.uploads import CHUNK, Taking

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text/csv": "csv",
        "application/jsonl": "jsonl",
        "application/x-ndjson": "jsonl",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.apache.parquet": "parquet",
    }
)
_SUFFIXES: Final = MappingProxyType({"text/csv; charset=utf-8": "csv", "application/jsonl": "jsonl"})
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
PAUSE: Final = 60  # seconds between two pieces of a file


async def upload(services: EndpointServices, request: Request) -> Response:
    """Take a file."""
    caller = caller_of(services, request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in FORMATS:
        return told(415, "CONTENT_TYPE_UNSUPPORTED", f"Send the file as one of {', '.join(FORMATS)}.")
    uploads = services.imports.uploads
    announced = request.headers.get("content-length", "")
    if _LENGTH.fullmatch(announced) and int(announced) > uploads.largest:
        raise UploadTooLargeError(uploads.largest, int(announced))
    taking = await run_sync(uploads.begin, caller, FORMATS[media_type])
    try:
        kept = await _take(uploads, taking, request)
    except BaseException as error:
        with suppress(HubError):  # then it goes when its day is over
            await asyncio.shield(run_sync(uploads.drop, taking.id))
        if isinstance(error, ClientDisconnect):
            return told(400, "REQUEST_MALFORMED", "The file did not arrive whole; nothing of it is kept.")
        raise
    return json(201, {"upload": kept.id, "size": kept.size}, NO_STORE)


async def rejects(services: EndpointServices, request: Request) -> Response:
    """Give the rejected rows of an import, to be mended."""
    caller = caller_of(services, request)
    media_type, content = await run_sync(services.imports.take_rejects, caller, request.path_params["job"])
    name = {"Content-Disposition": f'attachment; filename="rejects.{_SUFFIXES[media_type]}"'}
    return StreamingResponse(content, headers={**NO_STORE, **name, "Content-Type": media_type})


async def _take(uploads: UploadService, taking: Taking, request: Request) -> KeptUpload:
    waiting = bytearray()
    async for piece in _pieces(request):
        waiting += piece
        while len(waiting) >= CHUNK:
            await run_sync(uploads.keep, taking, bytes(waiting[:CHUNK]))
            del waiting[:CHUNK]
    if waiting:
        await run_sync(uploads.keep, taking, bytes(waiting))
    return await run_sync(uploads.end, taking)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes; who sends nothing for a while is hung up on."""
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(PAUSE):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise BodyTooSlowError(PAUSE) from None
        yield piece
