"""What pages need that is no feature: languages, templates, static files, notices, choices of a visitor."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.include("plein.web.i18n")
    config.include("plein.web.fixed_words")
    config.include("plein.web.static")
    config.include("plein.web.styles")
    config.include("plein.web.notices")
    config.include("plein.web.scopes")
    config.include("plein.web.templating")
    config.include("plein.web.shell")
    config.include("plein.web.admin_pages")
    config.include("plein.web.precompile")
    config.include("plein.web.language")
    config.include("plein.web.appearance")
    config.include("plein.web.errors")
    config.include("plein.web.wellknown")
