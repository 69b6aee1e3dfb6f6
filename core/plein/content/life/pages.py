"""The addresses of the life of items."""

from plein.content.life import proposal_views, views
from plein.content.pages import ItemPage

_TEMPLATES = "plein:templates/content/life/"

PAGES = (
    ItemPage("trash", "/-/trash", views.trash, "delete", template="trash", of="type"),
    ItemPage("life", "/life", views.life, "edit", ("GET", "POST"), template=f"{_TEMPLATES}life.pt"),
    ItemPage("copy", "/copy", views.copy, "view", ("GET", "POST"), template=f"{_TEMPLATES}copy.pt"),
    ItemPage("purge", "/purge", views.purge, "delete", ("GET", "POST"), template=f"{_TEMPLATES}purge.pt"),
    ItemPage("suggest", "/suggest", proposal_views.suggest, "view", ("GET", "POST"), f"{_TEMPLATES}suggest.pt"),
    ItemPage("proposals", "/proposals", proposal_views.proposals, "view", template=f"{_TEMPLATES}proposals.pt"),
    ItemPage(
        "proposal",
        r"/proposals/{number:\d{1,17}}",
        proposal_views.proposal,
        "view",
        ("GET", "POST"),
        f"{_TEMPLATES}proposal.pt",
    ),
)
