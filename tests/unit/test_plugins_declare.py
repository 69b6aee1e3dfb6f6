"""What plugins declare beside types and permissions: jobs and personal data, under their own word, once."""

from types import ModuleType

import pytest

from plein.contributions import Job, PersonalData
from plein.hookspecs import hookimpl
from plein.plugins import Candidate, PluginError, Plugins, build_plugins


def build(**hooks) -> Plugins:
    module = ModuleType("plein_blog")
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    plugin = Candidate("blog", "plein_blog", "plein-blog", "1.0", ("plein>=1,<2",), lambda: module)
    return build_plugins({}, environ={}, candidates=[plugin])


def stars(table: str = "blog_star") -> PersonalData:
    return PersonalData(table, ("user_id",), "Stars", "interest", "A year")


def test_jobs_and_personal_data_are_known_by_what_declared_them():
    job, data = Job("blog.send", print, "Send"), stars()
    plugins = build(register_jobs=lambda: [job], register_personal_data=lambda: [data])
    assert plugins.jobs == {"blog.send": job}
    assert plugins.personal_data == [("blog", data)]
    assert plugins.implementing("register_jobs") == {"blog"}


def test_job_bears_the_plugins_name():
    with pytest.raises(PluginError, match=r"declares the job mail\.send; its name must start with 'blog\.'"):
        build(register_jobs=lambda: [Job("mail.send", print, "Send")])


def test_same_job_twice_is_refused():
    with pytest.raises(PluginError, match="declared already"):
        build(register_jobs=lambda: [Job("blog.send", print, "Send")] * 2)


def test_plugin_declares_nothing_of_another_table():
    with pytest.raises(PluginError, match="which is no table of its own"):
        build(register_personal_data=lambda: [stars("user")])
