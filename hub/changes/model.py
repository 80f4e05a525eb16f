"""Tables of webhooks. No payload is kept anywhere: a delivery is made anew at each attempt, and secrets are ciphertext."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class Webhook(SQLModel, table=True):
    """A receiver that a client system has registered for one of its authority's service items.

    `types` and `paths` are JSON lists; empty ones stand for all that are granted. `state` is one of hub.changes.webhooks.register.State,
    `reason` the code of what disabled it. `secrets` is ciphertext: the secret, and the one before it for a while. Once it is removed its key is destroyed.
    """

    __tablename__ = "webhook"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    client_id: str = Field(index=True)
    authority: str
    item: str
    url: str
    types: str
    paths: str
    state: str
    reason: str | None = None
    secrets: bytes
    key_id: str = Field(foreign_key="vault_key.id")
    created_at: int = Field(sa_type=BigInteger)
    changed_at: int = Field(sa_type=BigInteger)


class WebhookProgress(SQLModel, table=True):
    """How far a receiver is: everything before `place` of the log was delivered, given up, or not for him.

    `attempts` are those of the change at that place, `failing_since` is when his last success was over; who delivers holds a lease.
    """

    __tablename__ = "webhook_progress"

    webhook_id: str = Field(primary_key=True, foreign_key="webhook.id")
    place: int = Field(sa_type=BigInteger)
    attempts: int = 0
    failing_since: int | None = Field(default=None, sa_type=BigInteger)
    next_at: int = Field(index=True, sa_type=BigInteger)
    leased_by: str | None = None
    leased_until: int = Field(default=0, sa_type=BigInteger)
    delivered: int = Field(default=0, sa_type=BigInteger)
    delivered_at: int | None = Field(default=None, sa_type=BigInteger)
    failed: int = Field(default=0, sa_type=BigInteger)
    last_result: str | None = None


class WebhookDeadLetter(SQLModel, table=True):
    """A change that a receiver was not told of, by its record and place in the log; it holds nothing of the licence. `wanted_at` is when it was asked for again."""

    __tablename__ = "webhook_dead_letter"

    id: str = Field(primary_key=True)
    webhook_id: str = Field(index=True, foreign_key="webhook.id")
    place: int = Field(sa_type=BigInteger)
    record: str
    result: str
    attempts: int
    died_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(index=True, sa_type=BigInteger)
    wanted_at: int | None = Field(default=None, sa_type=BigInteger)
