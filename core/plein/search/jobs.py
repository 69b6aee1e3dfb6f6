"""What search does outside of requests: index what was saved, and keep the index in order."""

from plein.jobs import JobContext
from plein.search import index, missed, vocabulary

INDEX = "search.index"
KEEP = "search.keep"


def index_item(context: JobContext, item: int) -> None:
    """The job ``search.index``: an item as it is by now, so that ten saves are one job."""
    index.index_by_id(context.site.engine, item)


def keep(context: JobContext) -> None:
    """The job ``search.keep``: take over ranks, index what was left behind, forget what nobody needs."""
    engine = context.site.engine
    index.copy_ranks(engine)
    index.reindex(engine, context.progress)
    with context.session() as db:
        vocabulary.forget_unused(db)
        missed.forget_old(db)


def key_of(content_id: int) -> str:
    """The key of the job for an item."""
    return f"{INDEX} {content_id}"
