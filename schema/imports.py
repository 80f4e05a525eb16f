"""Imports in GraphQL: asked for with an upload, watched as a job, their rejected rows told without a value.

Decides only how they read. Who may ask, and for whose import, is judged in the service. The file itself goes to the machine endpoint
`/imports` and its rejects come from there, for neither belongs into a JSON body.
"""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from anyio import to_thread

from hub.clock import from_micros
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.rejects import Told
from hub.licences.importing.service import ImportRequest
from hub.licences.importing.service import RejectedRow as Row
from hub.paging import Window
from hub.tabular.rows import Options
from schema.context import Info
from schema.enums import ImportState
from schema.fields import IDEMPOTENCY_KEY, resolved
from schema.problems import BilingualText, Problem, stopped_by
from schema.relay import After, Before, Connection, First, Last
from schema.scalars import ImportMap


@strawberry.input(description="导入 · Which upload becomes licences of which type.")
class ImportInput:
    """An import."""

    upload: strawberry.ID = strawberry.field(description="上传编号 · The id that `POST /imports` gave.")
    type: str = strawberry.field(description="类型键 · The licence type's key.")
    map: ImportMap | None = strawberry.field(
        default=None, description="映射 · Which column fills which field; null takes the columns' names."
    )
    legal_basis: str | None = strawberry.field(
        default=None, description="法律依据 · Of every row that names none; names no person."
    )
    reason: str | None = strawberry.field(
        default=None, description="原因 · Of every row that names none; it is sealed."
    )
    encoding: str | None = strawberry.field(
        default=None, description="编码 · utf-8, utf-16 or gb18030; null finds it out."
    )
    delimiter: str | None = strawberry.field(
        default=None, description="分隔符 · What parts the cells of CSV; null finds it out."
    )
    sheet: str | None = strawberry.field(
        default=None, description="工作表 · Name of the worksheet; null takes the first."
    )
    dry_run: bool = strawberry.field(default=False, description="试运行 · Judge every row, seal and store nothing.")
    again: bool = strawberry.field(default=False, description="重新导入 · Though the same was imported before.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)

    def request(self) -> ImportRequest:
        """Return what is asked for."""
        words = {"$legalBasis": self.legal_basis, "$reason": self.reason}
        return ImportRequest(
            str(self.upload), self.type, self.map, {path: text for path, text in words.items() if text is not None},
            Options(self.encoding, self.delimiter, self.sheet), self.dry_run, self.again,
        )  # fmt: skip


@strawberry.type(description="问题 · What is wrong with a rejected row; never the value.")
class ImportFault:
    """A fault of a row."""

    code: str = strawberry.field(description="Stable code, such as DATE or RULE.")
    column: str | None = strawberry.field(description="列 · The file's column; null if it is no single one.")
    path: str = strawberry.field(description="路径 · The field, such as holders[0].code; empty for the row as a whole.")
    field: BilingualText = strawberry.field(description="What the licence face calls the field.")
    reason: BilingualText = strawberry.field(description="Why the value is not accepted.")

    @classmethod
    def of(cls, told: Told) -> "ImportFault":
        """Show a fault."""
        field, reason = BilingualText(zh=told.field_zh, en=told.field_en), BilingualText(zh=told.zh, en=told.en)
        return cls(code=told.reason, column=told.column, path=told.path, field=field, reason=reason)


@strawberry.type(description="被拒绝的行 · A row that was not imported.")
class RejectedRow:
    """A rejected row."""

    row: int = strawberry.field(description="行号 · Its number in the file; a table's header is row 1.")
    faults: list[ImportFault] = strawberry.field(description="问题 · Everything that is wrong with it.")

    @classmethod
    def of(cls, row: Row) -> "RejectedRow":
        """Show a row."""
        return cls(row=row.number, faults=[ImportFault.of(one) for one in row.faults])


@strawberry.type(description="导入任务 · An import, as far as it is.")
class ImportJob:
    """An import."""

    id: strawberry.ID = strawberry.field(description="任务编号 · The job's id, for `importJob`.")
    state: ImportState = strawberry.field(description="状态 · What is being done about it.")
    type: str = strawberry.field(description="类型键 · The licence type's key.")
    dry_run: bool = strawberry.field(description="试运行 · Whether nothing is sealed and stored.")
    done: int = strawberry.field(description="已处理 · Rows that are done: good and bad.")
    total: int | None = strawberry.field(
        description="总行数 · About how many rows there are; exact at the end, null at the beginning."
    )
    good: int = strawberry.field(description="成功 · Rows that became licences, or would have.")
    bad: int = strawberry.field(description="被拒绝 · Rows that were rejected.")
    rate: float = strawberry.field(description="速率 · Rows a second, lately.")
    seconds_left: int | None = strawberry.field(description="剩余秒数 · At this rate; null where it cannot be said.")
    problem: Problem | None = strawberry.field(description="停止原因 · Why it stopped; null while nothing is wrong.")
    started_at: datetime = strawberry.field(description="开始时间 · When it was asked for.")
    ended_at: datetime | None = strawberry.field(description="结束时间 · When it ended; null before.")
    rejects: str = strawberry.field(
        description="被拒绝行的下载地址 · Where the rejected rows can be fetched, to be mended and sent again."
    )

    @resolved("被拒绝的行 · The rows that were rejected, in the order of the file.")
    async def rejected(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[RejectedRow] | None:
        """Read a page of rejected rows."""
        window, context = Window(first, after, last, before), info.context
        caller = context.required_caller()
        page = await to_thread.run_sync(context.imports.rejected, caller, str(self.id), window)
        return Connection[RejectedRow].of(page, RejectedRow.of)

    @classmethod
    def of(cls, found: ImportProgress) -> "ImportJob":
        """Show an import."""
        ended = None if found.ended_at is None else from_micros(found.ended_at)
        return cls(
            id=strawberry.ID(found.id), state=ImportState(found.state.value), type=found.type_key,
            dry_run=found.dry_run, done=found.done, total=found.total, good=found.good, bad=found.bad,
            rate=round(found.rate, 1), seconds_left=found.seconds_left, problem=stopped_by(found.error, found.problem),
            started_at=from_micros(found.started_at), ended_at=ended, rejects=f"/imports/{found.id}/rejects",
        )  # fmt: skip


ImportResult = Annotated[
    ImportJob | Problem, strawberry.union("ImportResult", description="An import, or why there is none.")
]


async def asked(info: Info, wanted: ImportInput) -> ImportJob:
    """Ask for an import."""
    imports, caller = info.context.imports, info.context.required_caller()
    return ImportJob.of(await to_thread.run_sync(imports.begin, caller, wanted.request(), wanted.idempotency_key))


async def watched(info: Info, job_id: str) -> ImportJob:
    """Look at an import."""
    return await _of(info, info.context.imports.of, job_id)


async def cancelled(info: Info, job_id: str) -> ImportJob:
    """End an import."""
    return await _of(info, info.context.imports.cancel, job_id)


async def _of(info: Info, act: Any, job_id: str) -> ImportJob:
    return ImportJob.of(await to_thread.run_sync(act, info.context.required_caller(), job_id))
