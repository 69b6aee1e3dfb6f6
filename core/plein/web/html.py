"""A string that is already HTML, so that templates insert it as it is. Everything else they escape."""

from html import escape

__all__ = ["Html", "escape", "tag"]


class Html(str):
    """HTML that was made by us from escaped parts. Chameleon and MarkupSafe recognise ``__html__``."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def tag(name: str, text: str = "", **attributes: str | None) -> Html:
    """One element with escaped *text* and attributes; ``class_`` is written as ``class``, None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{escape(text, quote=False)}</{name}>")
