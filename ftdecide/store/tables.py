"""The tables, and nothing else; documents are kept as JSON and validated by whoever reads them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

assessments = Table(
    "assessments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("document", JSON, nullable=False),
    Column("origins", JSON, nullable=False),
    Column("example", Boolean, nullable=False, server_default=false()),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
)

scenarios = Table(
    "scenarios",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("assessment_id", String(32), ForeignKey("assessments.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("own", JSON, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("assessment_id", name="one_scenario_each"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("assessment_id", String(32), index=True),
    Column("title", String(200), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("preflight", JSON),
    Column("rows", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("phase", String(80)),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("message", Text),
    Column("result", JSON),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)

answers = Table(
    "answers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), ForeignKey("runs.id"), nullable=False, index=True),
    Column("arm", String(80), nullable=False),
    Column("item", String(80), nullable=False),
    Column("repeat", Integer, nullable=False, server_default="0"),
    Column("configuration", String(64), nullable=False),
    Column("text", Text),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("latency_ms", Float),
    Column("cost_usd", Numeric(18, 9), nullable=False, server_default="0"),
    Column("error", Text),
    Column("failure", String(20)),
    Column("calls", Integer, nullable=False, server_default="1"),
    Column("answered_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("run_id", "arm", "item", "repeat", "configuration", name="one_answer_each"),
)

calls_under_way = Table(
    "calls_under_way",
    metadata,
    Column("run_id", String(32), ForeignKey("runs.id"), primary_key=True),
    Column("arm", String(80), primary_key=True),
    Column("item", String(80), primary_key=True),
    Column("repeat", Integer, primary_key=True),
    Column("most_usd", Numeric(18, 9), nullable=False),
)

charges = Table(
    "charges",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), ForeignKey("runs.id"), nullable=False, index=True),
    Column("arm", String(80), nullable=False),
    Column("item", String(80), nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("calls", Integer, nullable=False, server_default="1"),
    Column("cost_usd", Numeric(18, 9), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

tunes = Table(
    "tunes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), ForeignKey("runs.id"), nullable=False, index=True),
    Column("arm", String(80), nullable=False),
    Column("client_token", String(64), nullable=False, unique=True),
    Column("file_id", String(120)),
    Column("job_id", String(120)),
    Column("state", String(40)),
    Column("model", String(200)),
    Column("trained_tokens", Integer),
    Column("cost_usd", Numeric(18, 9), nullable=False, server_default="0"),
    UniqueConstraint("run_id", "arm", name="one_tune_each"),
)

run_events = Table(
    "run_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), ForeignKey("runs.id"), nullable=False, index=True),
    Column("key", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("run_id", "key", name="one_event_each"),
)
