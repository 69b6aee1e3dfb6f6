"""A plugin that breaks every rule that is not refused at the start. Its check must say so, rule by rule."""

import yaml
from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from plein.api import SIGNED_IN, Base, NotificationType, PrimaryKey, hookimpl, translation_factory
from plein.people.models import User

_ = translation_factory("plein_careless")
NEVER_TRANSLATED = _("Nobody translated this")


class Shouted(TypeDecorator):
    """Text that is another one each time it is stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return f"{value}!"


class Note(Base):
    __tablename__ = "careless_note"

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Shouted)


@hookimpl
def register_notifications():
    return [NotificationType("careless.noted", "Somebody notes", "${actor} notes", icon="unicorn")]


def page(request):
    for _round in range(12):
        request.db.scalar(select(func.count()).select_from(User))
    return {"loaded": yaml.__name__}


def in_space(request):
    return {"loaded": "For whoever knows the address of the space."}


def includeme(config):
    config.add_route("careless.page", "/careless")
    config.add_route("careless.in_space", "/careless/in/{space}")
    for view, route in ((page, "careless.page"), (in_space, "careless.in_space")):
        config.add_view(view, route_name=route, permission=SIGNED_IN, renderer="plein_careless:templates/page.pt")
