"""How Alembic reaches the database: on the connection it is handed, inside that connection's transaction."""

from alembic import context

from backend.keeping.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a table by building it anew.
    render_as_batch=True,
)
context.run_migrations()
