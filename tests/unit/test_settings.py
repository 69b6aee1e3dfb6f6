"""Settings: what is read from where, and a sentence for whatever does not fit."""

from pathlib import Path

import pytest

from plein.contributions import Setting
from plein.settings import CORE_SETTINGS, Settings, SettingsError, load_settings, masked

SECRET = "k" * 32
DEPTH = Setting("wiki.depth", int, 5, "Levels of the tree.", minimum=1, maximum=9)
SHARE = Setting("wiki.share", float, 0.5, "A share.", minimum=0, maximum=1)
COLOURS = Setting("wiki.colours", list, ("red",), "Colours.")


def load(values=None, environ=None, declared=CORE_SETTINGS, **more) -> Settings:
    base = {"plein.secret": SECRET} if declared is CORE_SETTINGS else {}
    return load_settings({**base, **(values or {})}, environ or {}, declared, **more)


def problems(values=None, environ=None, declared=CORE_SETTINGS, **more) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(values, environ, declared, **more)
    return caught.value.problems


def test_defaults_hold_where_nothing_is_set():
    settings = load()
    assert settings["plein.site_name"] == "Plein"
    assert settings["plein.session_absolute_hours"] == 12
    assert settings["plein.trusted_proxies"] == ()
    assert settings["plein.safe_mode"] is False
    assert settings.source("plein.site_name") == "default"


def test_every_core_setting_is_there_after_reading():
    assert set(load()) == {setting.name for setting in CORE_SETTINGS}
    assert len(load()) == len(CORE_SETTINGS)


def test_environment_goes_before_file_and_file_before_default():
    settings = load({"plein.site_name": "File", "plein.write_limit": "7"}, {"PLEIN_SITE_NAME": "Environment"})
    assert settings["plein.site_name"] == "Environment"
    assert settings.source("plein.site_name") == "PLEIN_SITE_NAME"
    assert settings["plein.write_limit"] == 7
    assert settings.source("plein.write_limit") == "plein.write_limit"


def test_empty_variable_counts_as_not_set():
    assert load({"plein.write_limit": "7"}, {"PLEIN_WRITE_LIMIT": ""})["plein.write_limit"] == 7


def test_empty_value_in_the_file_is_refused():
    assert problems({"plein.write_limit": " "}) == (
        "plein.write_limit is empty; give a value, or remove it to get the default.",
    )


def test_settings_never_change():
    settings = load()
    with pytest.raises(TypeError):
        settings["plein.site_name"] = "x"
    assert settings["plein.site_name"] == "Plein"


@pytest.mark.parametrize("word", ["true", "Yes", "ON", "1"])
def test_words_for_true(word):
    assert load({"plein.safe_mode": word})["plein.safe_mode"] is True


@pytest.mark.parametrize("word", ["false", "No", "off", "0"])
def test_words_for_false(word):
    assert load({"plein.safe_mode": word})["plein.safe_mode"] is False


def test_another_word_is_neither_true_nor_false():
    assert problems({"plein.safe_mode": "maybe"}) == ("plein.safe_mode must be true or false, not 'maybe'.",)


def test_list_is_separated_by_spaces_commas_or_lines():
    assert load({"wiki.colours": "red, green\n  blue"}, declared=[COLOURS])["wiki.colours"] == ("red", "green", "blue")


def test_values_that_have_their_type_already_are_taken():
    settings = load({"plein.safe_mode": True, "plein.write_limit": 9, "plein.plugins_off": ["wiki"]})
    assert (settings["plein.safe_mode"], settings["plein.write_limit"]) == (True, 9)
    assert settings["plein.plugins_off"] == ("wiki",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "wiki.depth must be at least 1, not 0."),
        ("10", "wiki.depth must be at most 9, not 10."),
        ("five", "wiki.depth must be a whole number, not 'five'."),
        ("2.5", "wiki.depth must be a whole number, not '2.5'."),
    ],
)
def test_whole_numbers_have_a_range(text, sentence):
    assert problems({"wiki.depth": text}, declared=[DEPTH]) == (sentence,)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_numbers_are_finite(text):
    assert problems({"wiki.share": text}, declared=[SHARE]) == (f"wiki.share must be a finite number, not {text!r}.",)


def test_a_number_is_read():
    assert load({"wiki.share": "0.25"}, declared=[SHARE])["wiki.share"] == 0.25


def test_choice_that_is_not_offered_is_refused():
    assert problems({"plein.default_locale": "de"}) == ("plein.default_locale must be nl or en, not 'de'.",)


def family(values=None, environ=None, wanted=load):
    declared = [
        Setting("oidc.providers", list, (), "Providers."),
        Setting("oidc.*.issuer", str, "", "An address.", each="oidc.providers", minimum=1),
        Setting("oidc.*.secret", str, "", "A secret.", each="oidc.providers", secret=True),
    ]
    return wanted(values, environ, declared)


def test_there_is_a_setting_for_each_word_of_a_list():
    settings = family(
        {"oidc.providers": "work school", "oidc.work.issuer": "a", "oidc.school.issuer": "b"},
        {"PLEIN_OIDC_WORK_ISSUER": "c", "PLEIN_OIDC_SCHOOL_SECRET": "s"},
    )
    assert settings["oidc.work.issuer"] == "c" and settings.source("oidc.work.issuer") == "PLEIN_OIDC_WORK_ISSUER"
    assert settings["oidc.school.issuer"] == "b" and settings["oidc.school.secret"] == "s"
    assert [one.name for one in settings.declared] == [
        "oidc.providers", "oidc.work.issuer", "oidc.school.issuer", "oidc.work.secret", "oidc.school.secret",
    ]  # fmt: skip
    assert masked(settings.declared[-1], settings["oidc.school.secret"]) == "********"


def test_no_word_in_the_list_no_settings():
    assert dict(family()) == {"oidc.providers": ()}


def test_what_is_not_set_for_a_word_names_that_word():
    assert family({"oidc.providers": "work"}, wanted=problems) == (
        "oidc.work.issuer is not set; give at least 1 characters.",
    )


def test_setting_for_a_word_that_is_not_in_the_list_says_so():
    assert family({"oidc.work.secret_file": "x"}, wanted=problems) == (
        "oidc.work.secret_file is no setting of Plein; "
        "work is not in oidc.providers: add it there, or take this line out.",
    )


def test_words_of_a_list_of_settings_are_plain():
    assert family({"oidc.providers": "my_work"}, wanted=problems) == (
        "oidc.providers must hold words of lower-case letters and digits, not 'my_work'.",
    )


def test_unknown_key_names_the_nearest():
    assert problems({"plein.sitename": "x"}) == (
        "plein.sitename is no setting of Plein; did you mean plein.site_name?",
    )


def test_unknown_variable_names_the_nearest():
    assert problems(environ={"PLEIN_SITENAME": "x"}) == (
        "The environment variable PLEIN_SITENAME is no setting of Plein; did you mean PLEIN_SITE_NAME?",
    )


def test_key_without_prefix_names_the_one_with_it():
    assert problems({"site_name": "x"}) == ("site_name is no setting of Plein; did you mean plein.site_name?",)


def test_key_of_an_unknown_word_is_refused():
    assert problems({"sqlalchemy.url": "x"}) == (
        "sqlalchemy.url is no setting of Plein; if it is of a plugin, install plein-sqlalchemy; "
        "else take this line out.",
    )


def test_unknown_key_of_a_plugin_names_the_nearest():
    assert problems({"wiki.dept": "3"}, declared=[DEPTH]) == (
        "wiki.dept is no setting of Plein; did you mean wiki.depth?",
    )


def test_keys_of_a_plugin_that_is_off_pass():
    settings = load({"wiki.depth": "3"}, {"PLEIN_WIKI_DEPTH": "3"}, off=("wiki",))
    assert "wiki.depth" not in settings


def test_keys_of_pyramid_and_paste_pass_untouched():
    others = {"pyramid.includes": "x", "tm.attempts": "1", "retry.attempts": "2", "here": "/srv", "use": "egg:plein"}
    assert dict(load(others).others) == others


def test_variables_of_the_tools_are_no_settings():
    environ = {"PLEIN_CONFIG": "a.ini", "PLEIN_TEST_DATABASES": "sqlite", "PLEIN_DEV_PORT": "1", "HOME": "/"}
    assert load(environ=environ)["plein.site_name"] == "Plein"


def test_all_problems_are_told_at_once():
    found = problems(
        {"plein.secret": "short", "plein.write_limit": "x", "plein.colour": "y"}, {"PLEIN_SAFE_MODE": "maybe"}
    )
    assert len(found) == 4
    assert all(sentence.endswith((".", "?")) and "\n" not in sentence for sentence in found)


def test_missing_secret_is_told_with_its_length():
    assert problems({"plein.secret": ""}) == ("plein.secret is not set; give at least 32 characters.",)


def test_no_message_repeats_a_secret():
    found = problems({"plein.secret": "hunter2", "plein.database_url": "mysql://me:hunter2@db/plein"})
    assert len(found) == 2
    assert not any("hunter2" in sentence for sentence in found)


def test_secret_is_read_from_a_file_beside_the_configuration(tmp_path: Path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    settings = load_settings({"plein.secret_file": "secret", "here": tmp_path}, {}, CORE_SETTINGS)
    assert settings["plein.secret"] == SECRET
    assert settings.source("plein.secret") == "plein.secret_file"


def test_secret_file_in_the_environment_goes_before_the_secret_in_the_file(tmp_path: Path):
    (tmp_path / "secret").write_text("e" * 40)
    assert load(environ={"PLEIN_SECRET_FILE": str(tmp_path / "secret")})["plein.secret"] == "e" * 40


def test_secret_file_that_is_missing_is_a_sentence(tmp_path: Path):
    with pytest.raises(SettingsError) as caught:
        load_settings({"plein.secret_file": "none", "here": tmp_path}, {}, CORE_SETTINGS)
    assert caught.value.problems == (
        "plein.secret_file names the file none, which cannot be read: No such file or directory.",
    )


def test_secret_and_its_file_together_are_refused(tmp_path: Path):
    (tmp_path / "secret").write_text(SECRET)
    assert problems({"plein.secret_file": str(tmp_path / "secret")}) == (
        "plein.secret and plein.secret_file are both set; keep one of them.",
    )


def test_only_secrets_can_be_files():
    assert problems({"plein.site_name_file": "x"}) == (
        "plein.site_name_file is no setting of Plein; did you mean plein.site_name?",
    )


def test_relative_paths_belong_to_the_folder_of_the_configuration():
    settings = load({"here": "/srv/plein", "plein.files_dir": "files"})
    assert settings["plein.files_dir"] == Path("/srv/plein/files")
    assert settings["plein.database_url"] == "sqlite:////srv/plein/var/plein.sqlite"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:////srv/plein.sqlite", "postgresql:///plein"]
)
def test_other_databases_stay_as_written(url):
    assert load({"plein.database_url": url, "here": "/srv"})["plein.database_url"] == url


def test_base_url_loses_its_last_slash():
    assert load({"plein.base_url": "https://plein.example.nl/"})["plein.base_url"] == "https://plein.example.nl"


@pytest.mark.parametrize(
    "url", ["plein.example.nl", "ftp://example.nl", "https://", "https://example.nl/plein", "http://a:b"]
)
def test_base_url_is_an_address_with_a_host_and_no_path(url):
    assert problems({"plein.base_url": url}) == (
        f"plein.base_url must be http:// or https:// with a host and nothing behind it, not {url!r}.",
    )


def test_time_zone_must_exist():
    assert problems({"plein.time_zone": "Europe/Nowhere"}) == (
        "plein.time_zone must be a time zone such as Europe/Amsterdam, not 'Europe/Nowhere'.",
    )


def test_proxies_are_addresses():
    assert problems({"plein.trusted_proxies": "10.0.0.1 proxy"}) == (
        "plein.trusted_proxies must hold IP addresses such as 10.0.0.5, not 'proxy'.",
    )


def test_what_is_shown_hides_secrets_and_passwords():
    database, secret, name = CORE_SETTINGS[0], CORE_SETTINGS[1], CORE_SETTINGS[3]
    assert masked(database, "postgresql://plein:pa:ss@w@db/plein") == "postgresql://plein:***@db/plein"
    assert (
        masked(database, "postgresql:///plein?host=db&password=x&a=b") == "postgresql:///plein?host=db&password=***&a=b"
    )
    assert masked(database, "sqlite:////srv/a.sqlite") == "sqlite:////srv/a.sqlite"
    assert masked(secret, SECRET) == "********"
    assert masked(name, "Plein") == "Plein"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "depth"}, "setting 'depth' needs a name of the form 'plugin.some_word'"),
        ({"type": dict}, "setting wiki.depth has the type <class 'dict'>; use str, int, bool, float, Path or list"),
        ({"help": " "}, "setting wiki.depth needs a line of help"),
        ({"default": "5"}, "setting wiki.depth has the default '5', which is no int"),
    ],
)
def test_declaration_that_makes_no_sense_is_refused(values, sentence):
    declared = {"name": "wiki.depth", "type": int, "default": 5, "help": "Levels.", **values}
    with pytest.raises(ValueError, match="^setting") as caught:
        Setting(**declared)
    assert str(caught.value) == sentence
