"""Imports into registers in GraphQL: asked for with an upload, watched as a job, refused rows told by number and reason.

Decides only how they read; who may ask is judged in the service. The file itself goes to the machine endpoint `/imports`.
"""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from anyio import to_thread

from hub.identities.importing.service import RegisterProgress, Rejected, Wanted
from hub.paging import Window
from hub.tabular.rows import Options
from schema.context import Info
from schema.enums import ImportState
from schema.fields import argument, resolved
from schema.problems import Problem, Violation, stopped_by
from schema.register_enums import FeedOutcome, Register
from schema.relay import After, Before, Connection, First, Last


@strawberry.input(description="基础库导入 · Which upload is fed into which register.")
class RegisterImportInput:
    """An import."""

    upload: strawberry.ID = strawberry.field(description="上传编号 · The id that `POST /imports` gave.")
    register: Register = strawberry.field(description="基础库 · The register.")
    as_of: datetime | None = strawberry.field(
        default=None, description="数据时间 · The time for which the file says so; null: its column asOf does."
    )
    only_known: bool = strawberry.field(default=False, description="忽略其他列 · Leave out columns that no field has.")
    encoding: str | None = strawberry.field(
        default=None, description="编码 · utf-8, utf-16 or gb18030; null finds it out."
    )
    delimiter: str | None = strawberry.field(
        default=None, description="分隔符 · What parts the cells of CSV; null finds it out."
    )

    def wanted(self, authority: str) -> Wanted:
        """Return what is asked for."""
        options = Options(self.encoding, self.delimiter)
        return Wanted(authority, self.register.value, self.as_of, options=options, only_known=self.only_known)


@strawberry.type(description="被拒绝的行 · A row that was not taken; the file has its values.")
class RefusedRow:
    """A refused row."""

    row: int = strawberry.field(description="行号 · Its number in the file; a table's header is row 1.")
    violations: list[Violation] = strawberry.field(description="问题 · Everything that is wrong with it.")

    @classmethod
    def of(cls, one: Rejected) -> "RefusedRow":
        """Show a row."""
        return cls(row=one.number, violations=[Violation.of(each) for each in one.faults])


@strawberry.type(description="结果计数 · How many rows came to what.")
class FeedCount:
    """A count."""

    outcome: FeedOutcome = strawberry.field(description="结果 · What became of them.")
    rows: int = strawberry.field(description="行数 · How many.")


@strawberry.type(description="基础库导入任务 · An import into a register, as far as it is.")
class RegisterImportJob:
    """An import."""

    id: strawberry.ID = strawberry.field(description="任务编号 · The job's id, for `registerImport`.")
    state: ImportState = strawberry.field(description="状态 · What is being done about it.")
    register: Register = strawberry.field(description="基础库 · The register.")
    outcomes: list[FeedCount] = strawberry.field(description="结果计数 · How many rows came to what.")
    done: int = strawberry.field(description="已处理 · Rows that are done.")
    share: float | None = strawberry.field(
        description="进度 · How much of the file is read, 0 to 1; null before it was opened."
    )
    problem: Problem | None = strawberry.field(description="停止原因 · Why it stopped; null while nothing is wrong.")
    started_at: datetime = strawberry.field(description="开始时间 · When it was asked for.")
    ended_at: datetime | None = strawberry.field(description="结束时间 · When it ended; null before.")

    @classmethod
    def of(cls, found: RegisterProgress) -> "RegisterImportJob":
        """Show an import."""
        outcomes = [FeedCount(outcome=FeedOutcome(name), rows=rows) for name, rows in sorted(found.outcomes.items())]
        return cls(
            id=strawberry.ID(found.id), state=ImportState(found.state.value), register=Register(found.register),
            outcomes=outcomes, done=found.done, share=found.read / found.amount if found.amount else None,
            problem=stopped_by(found.error), started_at=found.started_at, ended_at=found.ended_at,
        )  # fmt: skip

    @resolved("被拒绝的行 · The rows that were refused, in the order of the file.")
    async def refused(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[RefusedRow] | None:
        """Read a page of refused rows."""
        window, context = Window(first, after, last, before), info.context
        caller = context.required_caller()
        page = await to_thread.run_sync(context.register_imports.rejected, caller, str(self.id), window)
        return Connection[RefusedRow].of(page, RefusedRow.of)


RegisterImportResult = Annotated[
    RegisterImportJob | Problem,
    strawberry.union("RegisterImportResult", description="An import, or why there is none."),
]
_Id = Annotated[strawberry.ID, argument("任务编号 · The job's id.", "id")]


async def _of(info: Info, act: Any, job_id: strawberry.ID) -> RegisterImportJob:
    found = await to_thread.run_sync(act, info.context.required_caller(), str(job_id))
    return RegisterImportJob.of(found)


@strawberry.type
class RegisterImportQuery:
    """Reads of imports into registers; `Query` takes them over."""

    @resolved("基础库导入任务 · An import of your own authority into a register.", RegisterImportResult)
    async def register_import(self, info: Info, id_: _Id) -> RegisterImportJob | Problem:
        """Watch an import."""
        return await _of(info, info.context.register_imports.of, id_)


@strawberry.type
class RegisterImportMutation:
    """Imports into registers; `Mutation` takes them over."""

    @resolved(
        "基础库批量导入 · Feed an upload into a register: a job, which a worker runs; asked again, it is the same one.",
        RegisterImportResult,
    )
    async def import_register(
        self,
        info: Info,
        input: Annotated[RegisterImportInput, argument("导入 · The import.")],  # noqa: A002 - GraphQL's word
    ) -> RegisterImportJob | Problem:
        """Import."""
        caller, begin = info.context.required_caller(), info.context.register_imports.begin
        wanted = input.wanted(caller.authority)
        return RegisterImportJob.of(await to_thread.run_sync(begin, caller, str(input.upload), wanted))

    @resolved("取消基础库导入 · End an import of your authority; what it took stands.", RegisterImportResult)
    async def cancel_register_import(self, info: Info, id_: _Id) -> RegisterImportJob | Problem:
        """End an import."""
        return await _of(info, info.context.register_imports.cancel, id_)
