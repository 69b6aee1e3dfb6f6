"""Advice to writers, so that everybody can read what they write. An administrator can require any of it, per type."""

from pyramid.config import Configurator

from plein.content.assistant.form_part import LIST, AssistantPart, advise
from plein.content.assistant.policy import POLICIES
from plein.content.pages import ItemPage


def includeme(config: Configurator) -> None:
    for policy in POLICIES.values():
        config.add_policy(policy)
    config.add_form_part(AssistantPart())
    config.add_item_pages(
        ItemPage("new_advice", "/-/advice", advise, "create", ("POST",), template=LIST, of="type"),
        ItemPage("advice", "/advice", advise, "edit", ("POST",), template=LIST),
    )
