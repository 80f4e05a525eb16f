"""Tables of supervision. All but latencies and expected numbers are derived from records, and can be made again from them."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class SupervisionMark(SQLModel, table=True):
    """A single row: up to which place of the log records are folded, the thresholds (JSON) that hold there, and those last put on record.

    `edition` grows with each rebuilding of the tables, so that nothing derived from older ones is written.
    """

    __tablename__ = "supervision_mark"

    id: int = Field(default=1, primary_key=True)
    place: int = Field(sa_type=BigInteger)
    edition: int
    thresholds: str
    noted: str


class SupervisionFigure(SQLModel, table=True):
    """How often something happened on a legal day. `measure` is a word of `events.Measure`; what does not apply is empty."""

    __tablename__ = "supervision_figure"
    __table_args__ = (Index("ix_supervision_figure_type", "type_key", "authority", "day"),)

    day: str = Field(primary_key=True)
    authority: str = Field(primary_key=True)
    type_key: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)


class SupervisionHour(SQLModel, table=True):
    """How many reads a client tried in an hour; hours are counted since 1970."""

    __tablename__ = "supervision_hour"

    client: str = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)


class SupervisionTrace(SQLModel, table=True):
    """What a rule remembers of a client, or of a holder by one of his subject handles: the last reads (JSON), and when the last one was."""

    __tablename__ = "supervision_trace"

    rule: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    at: int = Field(index=True, sa_type=BigInteger)
    reads: str


class SupervisionAlert(SQLModel, table=True):
    """An alert: the rule, whom it is about, the record at whose place it was raised, the figures (JSON) and the records (JSON) behind it.

    `subject` is a client, or a subject handle. `state` is RAISED, ACKNOWLEDGED or CLOSED.
    """

    __tablename__ = "supervision_alert"

    id: str = Field(primary_key=True)
    rule: str
    subject: str = Field(index=True)
    authority: str = Field(index=True)
    client: str
    place: int = Field(index=True, sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    figures: str
    records: str
    state: str = Field(index=True)
    acknowledged_by: str | None = None
    acknowledged_at: int | None = Field(default=None, sa_type=BigInteger)
    acknowledged_note: str | None = None
    closed_by: str | None = None
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_note: str | None = None


class SupervisionExemption(SQLModel, table=True):
    """That a material of a case was found exempt: it is counted once, however often the case is judged."""

    __tablename__ = "supervision_exemption"

    case_id: str = Field(primary_key=True)
    material: str = Field(primary_key=True)


class SupervisionExpected(SQLModel, table=True):
    """How many licences of a type an authority ought to have in the hub, from where that is known; the newest counts."""

    __tablename__ = "supervision_expected"

    id: str = Field(primary_key=True)
    authority: str = Field(index=True)
    type_key: str
    number: int = Field(sa_type=BigInteger)
    as_of: str
    source: str
    set_by: str
    set_at: int = Field(sa_type=BigInteger)


class SupervisionLatency(SQLModel, table=True):
    """How many look-ups of an authority's systems took how long on a legal day; `bucket` is a place between the bounds of `latency`."""

    __tablename__ = "supervision_latency"

    day: str = Field(primary_key=True)
    authority: str = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)


class SupervisionStanding(SQLModel, table=True):
    """How something stood when it was counted last: `count` of `among`. `kind` is LICENCES (valid ones, by type) or one of deadlines (overdue ones)."""

    __tablename__ = "supervision_standing"

    kind: str = Field(primary_key=True)
    authority: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)
    among: int = Field(sa_type=BigInteger)


class SupervisionCounting(SQLModel, table=True):
    """A single row: when that was, on which legal day, and how long it took (microseconds)."""

    __tablename__ = "supervision_counting"

    id: int = Field(default=1, primary_key=True)
    day: str
    counted_at: int = Field(sa_type=BigInteger)
    took: int = Field(sa_type=BigInteger)
