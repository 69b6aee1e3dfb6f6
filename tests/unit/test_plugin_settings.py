"""Settings that plugins declare: with their own word, once, and for the words of a list of their own."""

from types import ModuleType

import pytest

from plein.contributions import Setting
from plein.hookspecs import hookimpl
from plein.plugins import Candidate, PluginError, Plugins, build_plugins


def with_settings(*settings: Setting) -> Plugins:
    """The plugins of a site with one plugin, ``blog``, that declares *settings*."""

    def register_settings() -> list[Setting]:
        return list(settings)

    module = ModuleType("plein_blog")
    module.register_settings = hookimpl(register_settings)
    candidate = Candidate("blog", "plein_blog", "plein-blog", "1.0", ("plein>=1,<2",), lambda: module)
    return build_plugins({}, environ={}, candidates=[candidate])


def test_a_plugin_declares_settings_with_its_own_word():
    plugins = with_settings(Setting("blog.size", int, 5, "How many."))
    assert [one.name for one in plugins.settings if one.name.startswith("blog.")] == ["blog.size"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ([Setting("wiki.size", int, 5, "How many.")], "must start with 'blog.'"),
        ([Setting("blog.size", int, 5, "How many."), Setting("blog.size", int, 6, "How many.")], "twice"),
        ([Setting("blog.*.size", int, 5, "How many.", each="blog.names")], "that it declares itself"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, sentence):
    with pytest.raises(PluginError, match=sentence):
        with_settings(*settings)
