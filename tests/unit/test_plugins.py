"""Loading plugins: one word decides every name, versions fit, hooks exist, and each mistake is one sentence."""

import dataclasses
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from plein.contributions import ContentType, NavigationItem, Permission
from plein.db import Base
from plein.hookspecs import hookimpl
from plein.plugins import Candidate, PluginError, Plugins, build_plugins, discover, rules


class OwnBase(DeclarativeBase):
    """Tables that exist in these tests alone."""


class Thing(OwnBase):
    __tablename__ = "thing"
    __mapper_args__ = {"polymorphic_on": "type"}
    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]


class Page(Thing):
    __mapper_args__ = {"polymorphic_identity": "blog.page"}


class Post(Thing):
    __mapper_args__ = {"polymorphic_identity": "blog.post"}


def package(name: str, **attributes) -> ModuleType:
    module = ModuleType(f"plein_{name}")
    module.__file__ = f"/site-packages/plein_{name}/__init__.py"
    for attribute, value in attributes.items():
        setattr(module, attribute, value)
    return module


def candidate(name: str = "blog", module: ModuleType | None = None, **values) -> Candidate:
    made = Candidate(
        name=name,
        package=f"plein_{name}",
        distribution=f"plein-{name}",
        version="1.0",
        requires=("plein>=1,<2",),
        load=lambda: module or package(name),
    )
    return dataclasses.replace(made, **values)


def build(*candidates: Candidate, **settings: str) -> Plugins:
    values = {f"plein.{key}": value for key, value in settings.items()}
    return build_plugins(values, environ={}, candidates=candidates)


def refusal(*candidates: Candidate) -> str:
    with pytest.raises(PluginError) as caught:
        build(*candidates)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence


def blog(**hooks) -> Candidate:
    """A plugin with hook implementations."""
    return candidate(module=package("blog", **{name: hookimpl(function) for name, function in hooks.items()}))


def declares(*types: ContentType, permissions: tuple[Permission, ...] = ()) -> Candidate:
    return blog(register_content_types=lambda: list(types), register_permissions=lambda: list(permissions))


def content_type(name: str = "blog.post", model: type = Post, path: str = "blog") -> ContentType:
    return ContentType(name, "Post", "Posts", path, model)


# -- names ------------------------------------------------------------------------------------------------------------


def test_plugin_that_keeps_the_rules_is_loaded():
    module = package("blog")
    plugins = build(candidate(module=module))
    (info,) = plugins.plugins
    assert (info.name, info.distribution, info.version, info.package) == ("blog", "plein-blog", "1.0", "plein_blog")
    assert info.module is module


@pytest.mark.parametrize("name", ["Blog", "my-blog", "my_blog", "2blog", ""])
def test_name_is_one_word_in_lower_case(name):
    assert "needs a name of one word in lower case" in refusal(candidate(name))


@pytest.mark.parametrize("name", ["spaces", "plein", "admin", "search"])
def test_name_of_the_core_is_refused(name):
    assert refusal(candidate(name)) == f"Plugin {name} of plein-{name} has a name that the core uses; give it another."


@pytest.mark.parametrize("value", ["blog", "plein_blogs", "plein_blog.plugin", "plein_blog:Plugin"])
def test_package_bears_the_name(value):
    assert refusal(candidate(package=value)) == (
        f"Plugin blog has the entry point '{value}'; its package must be called plein_blog, "
        'and the entry point must say blog = "plein_blog".'
    )


def test_distribution_bears_the_name():
    assert refusal(candidate(distribution="my-blog")) == (
        "Plugin blog comes from the distribution 'my-blog'; that must be called plein-blog, "
        "so rename it in its pyproject.toml."
    )


def test_distribution_may_be_spelled_as_packaging_allows():
    assert build(candidate(distribution="Plein_Blog")).plugins[0].name == "blog"


def test_two_plugins_of_one_name_are_refused():
    assert refusal(candidate(), candidate()).startswith("There are two plugins called blog; uninstall one of them")


def test_nothing_of_a_plugin_runs_before_its_names_are_checked():
    def load() -> ModuleType:
        raise AssertionError("imported")

    assert "distribution" in refusal(candidate(distribution="other", load=load))


def test_plugins_are_in_the_order_of_their_names():
    assert [info.name for info in build(candidate("wolf"), candidate("ape")).plugins] == ["ape", "wolf"]


def test_installed_plugins_are_found_by_their_entry_point(tmp_path, monkeypatch):
    info = tmp_path / "plein_zebra-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: plein-zebra\nVersion: 2.1\nRequires-Dist: plein<2,>=1\n"
    )
    (info / "entry_points.txt").write_text("[plein.plugins]\nzebra = plein_zebra\n")
    (tmp_path / "plein_zebra.py").write_text("stripes = 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = [one for one in discover() if one.name == "zebra"]
    assert (found.package, found.distribution, found.version) == ("plein_zebra", "plein-zebra", "2.1")
    assert found.requires == ("plein<2,>=1",)
    assert "plein_zebra" not in sys.modules
    monkeypatch.setitem(sys.modules, "plein_zebra", None)
    monkeypatch.delitem(sys.modules, "plein_zebra")
    assert build(found).plugins[0].module.stripes == 7


# -- version ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "requires", [(), ("sqlalchemy>=2",), ("plein",), ('plein>=1; extra == "all"',), ("plein >>> 1",)]
)
def test_plugin_says_which_versions_it_works_with(requires):
    assert refusal(candidate(requires=requires)) == (
        "Plugin blog does not say which versions of Plein it works with; "
        'add dependencies = ["plein>=1,<2"] to its pyproject.toml.'
    )


def test_plugin_for_another_version_is_refused():
    sentence = refusal(candidate(requires=("plein>=0.1,<0.9",)))
    assert sentence.startswith("Plugin blog 1.0 needs plein<0.9,>=0.1 and this is Plein 1.")
    assert sentence.endswith("or leave it out with plein.plugins_off = blog.")


def test_development_version_of_the_core_counts():
    rules.check_candidate(candidate(), core_version="1.4.dev2")
    with pytest.raises(PluginError):
        rules.check_candidate(candidate(), core_version="2.0")


# -- importing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [ImportError("no module named feedparser"), SystemExit("gone"), ZeroDivisionError("0")]
)
def test_plugin_that_cannot_be_imported_is_a_sentence(error):
    def load() -> ModuleType:
        raise error

    sentence = refusal(candidate(load=load))
    assert sentence.startswith(f"Plugin blog could not be imported ({type(error).__name__}: {error}); repair")
    assert sentence.endswith("or leave it out with plein.plugins_off = blog.")


def must_not_load() -> ModuleType:
    raise AssertionError("imported")


def test_plugin_that_is_off_is_not_imported():
    plugins = build(candidate(load=must_not_load), candidate("wiki"), plugins_off="blog other")
    assert [info.name for info in plugins.plugins] == ["wiki"]
    assert plugins.off == ("blog",)


def test_safe_mode_imports_no_plugin():
    plugins = build(candidate(load=must_not_load), candidate("wiki", load=must_not_load), safe_mode="yes")
    assert plugins.plugins == []
    assert plugins.off == ("blog", "wiki")


def test_environment_switches_plugins_off_before_the_file():
    plugins = build_plugins(
        {"plein.plugins_off": ""}, environ={"PLEIN_PLUGINS_OFF": "blog"}, candidates=[candidate(load=must_not_load)]
    )
    assert plugins.off == ("blog",)


def test_other_settings_do_not_disturb_the_choice_of_plugins():
    assert (
        build_plugins({"wiki.depth": "1", "plein.site_name": "x"}, environ={"PLEIN_NONE": "1"}, candidates=[]).off == ()
    )


# -- hooks ------------------------------------------------------------------------------------------------------------


def test_misspelled_hook_names_the_nearest():
    assert refusal(blog(navigaton_items=lambda request: [])) == (
        "Plugin blog implements navigaton_items, and there is no such hook; did you mean navigation_items?"
    )


def test_hook_unlike_any_names_them_all():
    sentence = refusal(blog(zzz=lambda: [0]))
    assert "known are register_content_types, " in sentence


def test_unknown_argument_is_refused():
    assert refusal(blog(navigation_items=lambda req: [])) == (
        "Plugin blog implements navigation_items with the argument req; the hook takes request, "
        "and an implementation may leave out what it does not use."
    )


def test_arguments_of_any_kind_are_refused():
    assert "with the argument **more" in refusal(blog(page_items=lambda slot, **more: []))


def test_implementation_may_leave_out_arguments():
    plugins = build(blog(page_items=lambda slot: []))
    assert plugins.call("page_items", request=object.__new__(_Request), slot="home.main", context=None)[0].value == []


class _Request:
    pass


def test_options_of_the_mark_are_refused():
    module = package("blog", navigation_items=hookimpl(tryfirst=True)(lambda request: []))
    assert refusal(candidate(module=module)).startswith("Plugin blog marks navigation_items with @hookimpl(tryfirst=…)")


def test_optional_hook_is_refused_because_it_hides_a_misspelling():
    module = package("blog", navigation_item=hookimpl(optionalhook=True)(lambda request: []))
    assert "@hookimpl(optionalhook=…)" in refusal(candidate(module=module))


def test_async_and_generator_implementations_are_refused():
    async def later(request):
        return []

    def one_by_one(request):
        yield NavigationItem("A", "/")

    for function in (later, one_by_one):
        assert refusal(blog(navigation_items=function)).endswith("as async or with yield; write a plain function.")


def test_forgotten_mark_is_told():
    module = package("blog")
    exec("def navigation_items(request): return []", module.__dict__)
    assert refusal(candidate(module=module)) == (
        "Plugin blog has a function navigation_items without @hookimpl; add it, or rename it."
    )


@pytest.mark.parametrize("weight", ["1", 1.5, True, None])
def test_weight_is_a_whole_number(weight):
    assert refusal(candidate(module=package("blog", weight=weight))).startswith(
        f"Plugin blog has the weight {weight!r};"
    )


# -- declarations -----------------------------------------------------------------------------------------------------


def test_content_type_brings_its_permissions():
    plugins = build(declares(content_type(), permissions=(Permission("blog.export", "Export", ("manager",)),)))
    assert list(plugins.content_types) == ["blog.post"]
    assert set(plugins.permissions) == {
        "blog.post.view", "blog.post.create", "blog.post.edit", "blog.post.delete", "blog.post.move", "blog.export",
    }  # fmt: skip


def test_content_type_bears_the_plugins_name():
    assert refusal(declares(content_type("wiki.post"))) == (
        "Plugin blog declares the content type wiki.post; its name must start with 'blog.', such as blog.post."
    )


def test_permission_bears_the_plugins_name():
    assert refusal(declares(permissions=(Permission("space.manage", "Manage", ()),))) == (
        "Plugin blog declares the permission space.manage; its name must start with 'blog.', such as blog.manage."
    )


def test_same_type_twice_is_refused():
    assert refusal(declares(content_type(), content_type(path="posts"))) == (
        "Plugin blog declares the content type blog.post with the name 'blog.post', which blog.post has already; "
        "give it another name."
    )


def test_same_path_twice_is_refused():
    assert refusal(declares(content_type(), content_type("blog.page", Page))) == (
        "Plugin blog declares the content type blog.page with the path 'blog', which blog.post has already; "
        "give it another path."
    )


def test_same_permission_twice_is_refused():
    assert refusal(declares(content_type(), permissions=(Permission("blog.post.edit", "Edit", ()),))) == (
        "Plugin blog declares the permission blog.post.edit, which is declared already; "
        "remove it, or give it another name."
    )


def test_model_must_be_content():
    for model in (Thing, Candidate):
        assert refusal(declares(content_type(model=model))) == (
            f"Plugin blog declares blog.post with the model {model.__name__}, which is no content; "
            "let it inherit plein.api.Content."
        )


def test_model_is_stored_under_the_name_of_its_type():
    assert refusal(declares(content_type(model=Page))) == (
        "Plugin blog declares blog.post with the model Page, which is stored as 'blog.page'; "
        'give it __mapper_args__ = {"polymorphic_identity": "blog.post"}.'
    )


@pytest.mark.parametrize(
    ("hook", "value", "reason"),
    [
        ("register_permissions", None, "register_permissions must return list[Permission], not NoneType"),
        ("register_permissions", {}, "register_permissions must return list[Permission], not dict"),
        ("register_content_types", ["x"], "register_content_types must return list[ContentType]; one of it is str"),
    ],
)
def test_declaration_of_another_type_is_a_sentence(hook, value, reason):
    assert refusal(blog(**{hook: lambda: value})) == (
        f"Plugin blog fails in {hook} ({reason}); repair it, or leave it out with plein.plugins_off = blog."
    )


def test_declaration_that_raises_is_a_sentence():
    assert "(KeyError: 'x')" in refusal(blog(register_permissions=lambda: [{}["x"]]))
    assert "(permission 'x' needs a name" in refusal(blog(register_permissions=lambda: [Permission("x", "X", ())]))


@pytest.fixture
def stray_table() -> Iterator[type[DeclarativeBase]]:
    class Stray(DeclarativeBase):
        pass

    class Entry(Stray):
        __tablename__ = "entries"
        __module__ = "plein_blog.models"
        id: Mapped[int] = mapped_column(primary_key=True)

    return Stray


def test_tables_bear_the_plugins_name(stray_table):
    with pytest.raises(PluginError) as caught:
        rules.check_tables("blog", stray_table)
    assert str(caught.value) == (
        "Plugin blog has the table 'entries' (Entry); its name must start with 'blog_', such as blog_entries."
    )


def test_tables_of_others_are_not_the_plugins_business(stray_table):
    rules.check_tables("blo", stray_table)


def test_class_without_a_table_of_its_own_is_fine():
    class Root(DeclarativeBase):
        pass

    class Item(Root):
        __table__ = sa.Table(
            "item", Root.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("type", sa.Text)
        )
        __mapper_args__ = {"polymorphic_on": "type"}

    class Entry(Item):
        __module__ = "plein_blog"
        __mapper_args__ = {"polymorphic_identity": "blog.entry"}

    assert Entry.__mapper__.local_table is Item.__table__
    rules.check_tables("blog", Root)


def test_tables_of_installed_plugins_are_checked_on_the_real_base(monkeypatch):
    seen = []
    monkeypatch.setattr("plein.plugins.declarations.check_tables", lambda name, base=Base: seen.append((name, base)))
    build(candidate())
    assert seen == [("blog", Base)]


# -- routes -----------------------------------------------------------------------------------------------------------

ADDRESSES = {"blog": ["/blog", "/spaces/{space}/blog"]}


@pytest.mark.parametrize("pattern", ["/blog", "blog", "/blog/new", "/spaces/{space}/blog/{slug}/pin"])
def test_routes_that_bear_the_name_are_fine(pattern):
    rules.check_routes(ADDRESSES, [("blog.home", pattern, "plein_blog.views")])


def test_routes_of_the_core_and_of_others_are_left_alone():
    rules.check_routes(
        ADDRESSES, [("home", "/", "plein"), ("toolbar", "/_debug", "pyramid_debugtoolbar"), ("x", "/y", "")]
    )


def test_route_name_bears_the_plugins_name():
    with pytest.raises(PluginError) as caught:
        rules.check_routes(ADDRESSES, [("home", "/blog", "plein_blog")])
    assert str(caught.value) == "Plugin blog adds the route home; its name must start with 'blog.', such as blog.home."


@pytest.mark.parametrize("pattern", ["/", "/blogs", "/admin/blog", "/spaces/{space}/wiki"])
def test_address_of_a_route_bears_the_plugins_name(pattern):
    with pytest.raises(PluginError) as caught:
        rules.check_routes(ADDRESSES, [("blog.home", pattern, "plein_blog")])
    assert str(caught.value) == (
        f"Plugin blog adds the address {pattern} (blog.home); it must start with /blog or /spaces/{{space}}/blog."
    )


def test_routes_are_told_apart_by_the_file_that_adds_them(tmp_path, monkeypatch):
    from pyramid.config import Configurator

    folder = tmp_path / "plein_blog"
    folder.mkdir()
    (folder / "__init__.py").write_text('def includeme(config):\n    config.add_route("archive", "/blog/archive")\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "plein_blog", None)
    monkeypatch.delitem(sys.modules, "plein_blog")
    module = __import__("plein_blog")
    plugins = build(candidate(module=module))
    config = Configurator()
    config.add_route("home", "/")
    config.include(module.includeme)
    config.commit()
    with pytest.raises(PluginError, match="Plugin blog adds the route archive; "):
        plugins.check_routes(config)


# -- the core ---------------------------------------------------------------------------------------------------------


def test_feature_of_the_core_keeps_its_own_names():
    plugins = build()
    plugins.add_core(
        "spaces", package("x", register_permissions=hookimpl(lambda: [Permission("space.see", "See", ())]))
    )
    assert list(plugins.permissions) == ["space.see"]
    assert plugins.plugins == []


def test_feature_of_the_core_is_registered_once():
    plugins = build()
    plugins.add_core("search", package("x"))
    with pytest.raises(PluginError, match="The core's feature search is registered twice"):
        plugins.add_core("search", package("y"))
