"""What plugins and features of the core declare when they are registered, checked one against another."""

from typing import Any

from plein.contributions import ContentType, Job, NotificationType, Permission, PersonalData, Setting
from plein.hookspecs import HOOKS
from plein.plugins import calling
from plein.plugins.calling import Implementation
from plein.plugins.errors import PluginError
from plein.plugins.rules import check_content_type, check_prefix, check_tables
from plein.settings import CORE_SETTINGS


class Declarations:
    """
    :ivar content_types: by name.
    :ivar permissions: by name, those that come with content types included.
    :ivar jobs: by name.
    :ivar notifications: what people can be told of, by name.
    :ivar personal_data: what is kept about people, each with the name of the plugin or feature.
    :ivar settings: all that may be set, the core's included, for :func:`plein.settings.load_settings`.
    """

    def __init__(self) -> None:
        self.content_types: dict[str, ContentType] = {}
        self.permissions: dict[str, Permission] = {}
        self.jobs: dict[str, Job] = {}
        self.notifications: dict[str, NotificationType] = {}
        self.personal_data: list[tuple[str, PersonalData]] = []
        self.settings: list[Setting] = list(CORE_SETTINGS)
        self._core: list[str] = []
        self._implementations: dict[str, list[Implementation]] = {name: [] for name in HOOKS}

    def _declare(self, name: str, *, is_core: bool) -> None:
        if not is_core:
            check_tables(name)
        for declared in self._declared("register_content_types", name):
            check_content_type(name, declared, is_core=is_core)
            self._add_type(name, declared)
            for permission in declared.permissions():
                self._add("permission", self.permissions, name, permission)
        named: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("register_permissions", "permission", self.permissions),
            ("register_jobs", "job", self.jobs),
            ("register_notifications", "notification", self.notifications),
        )
        for hook_name, what, known in named:
            for item in self._declared(hook_name, name):
                if not is_core:
                    check_prefix(name, what, item.name)
                self._add(what, known, name, item)
        for setting in self._declared("register_settings", name):
            if not is_core:
                check_prefix(name, "setting", setting.name)
            self._add_setting(name, setting)
        for data in self._declared("register_personal_data", name):
            if not is_core and not data.table.startswith(f"{name}_"):
                raise PluginError(
                    f"Plugin {name} declares personal data in {data.table}, which is no table of its own."
                )
            self.personal_data.append((name, data))
        # The core first: plugins were there before it.
        self.personal_data.sort(key=lambda one: one[0] not in self._core)

    def _declared(self, hook_name: str, owner: str) -> list[Any]:
        mine = [impl for impl in self._implementations[hook_name] if impl.owner == owner]
        return [item for impl in mine for item in calling.declared(HOOKS[hook_name], impl, {})]

    def _add_type(self, name: str, declared: ContentType) -> None:
        for other in self.content_types.values():
            for what in ("name", "path"):
                if getattr(other, what) == getattr(declared, what):
                    raise PluginError(
                        f"Plugin {name} declares the content type {declared.name} with the {what} "
                        f"{getattr(declared, what)!r}, which {other.name} has already; give it another {what}."
                    )
        self.content_types[declared.name] = declared

    def _add_setting(self, name: str, setting: Setting) -> None:
        lists = {one.name: one.type is list for one in self.settings}
        if setting.name in lists:
            raise PluginError(f"Plugin {name} declares the setting {setting.name} twice; remove one of them.")
        if setting.each and not (setting.each.startswith(f"{name}.") and lists.get(setting.each)):
            raise PluginError(
                f"Plugin {name} declares the setting {setting.name} for each word in {setting.each!r}; "
                f"that must be a list that it declares itself, before it."
            )
        self.settings.append(setting)

    @staticmethod
    def _add(what: str, known: dict[str, Any], name: str, item: Any) -> None:
        if item.name in known:
            raise PluginError(
                f"Plugin {name} declares the {what} {item.name}, which is declared already; "
                "remove it, or give it another name."
            )
        known[item.name] = item
