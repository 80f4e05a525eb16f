"""Lists of licences: indexes in the order in which pages show them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Most licences are valid: what is not has an index of its own, which costs an import nothing.
_OTHERS = sa.text("status <> 'VALID'")
_VALID = sa.text("status = 'VALID'")
_PARTIAL = (
    ("ix_licence_others", ["authority", "type_key", "status", "sealed_at", "id"], _OTHERS),
    ("ix_licence_ending", ["authority", "type_key", "valid_until", "id"], _VALID),
    ("ix_licence_beginning", ["authority", "type_key", "valid_from", "id"], _VALID),
)


def upgrade() -> None:
    """Make them; what was looked up by the authority alone goes by the first of them."""
    op.create_index("ix_licence_listed", "licence", ["authority", "type_key", "sealed_at", "id"], unique=False)
    op.drop_index(op.f("ix_licence_authority"), table_name="licence")
    for name, columns, where in _PARTIAL:
        op.create_index(name, "licence", columns, unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them."""
    for name, _, _ in _PARTIAL:
        op.drop_index(name, table_name="licence")
    op.create_index(op.f("ix_licence_authority"), "licence", ["authority"], unique=False)
    op.drop_index("ix_licence_listed", table_name="licence")
