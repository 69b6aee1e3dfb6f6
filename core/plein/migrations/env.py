"""Alembic's environment, shared by the core and every plugin.

``plein.db.migrate`` hands over a connection inside a transaction of its own and the history it is for; there is
no offline mode, because a migration may look at rows.
"""

from alembic import context

from plein.db.migrate import compare_options

connection = context.config.attributes["connection"]
history = context.config.attributes["history"]
#: told of each revision as it is done
record = context.config.attributes.get("record")
#: changes what a new revision says before it is written
directives = context.config.attributes.get("directives")

context.configure(
    connection=connection,
    on_version_apply=record,
    process_revision_directives=directives,
    render_item=context.config.attributes.get("render"),
    **compare_options(connection, history),
)
context.run_migrations()
