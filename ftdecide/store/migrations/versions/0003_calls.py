"""Calls: why an answer failed, what was paid without an answer, and what was under way when a worker ended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("answers", sa.Column("failure", sa.String(length=20), nullable=True))
    op.add_column("answers", sa.Column("calls", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "calls_under_way",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("arm", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("most_usd", sa.Numeric(precision=18, scale=9), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"]),
        sa.PrimaryKeyConstraint("run_id", "arm", "item", "repeat"),
    )
    op.create_table(
        "charges",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("arm", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("calls", sa.Integer(), server_default="1", nullable=False),
        sa.Column("cost_usd", sa.Numeric(precision=18, scale=9), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_charges_run_id", "charges", ["run_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_charges_run_id", table_name="charges")
    op.drop_table("charges")
    op.drop_table("calls_under_way")
    with op.batch_alter_table("answers") as answers:
        answers.drop_column("calls")
        answers.drop_column("failure")
