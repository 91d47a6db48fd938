"""Alembic's entry point; the connection is always handed over by `ftdecide.store.database`."""

from alembic import context

from ftdecide.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
