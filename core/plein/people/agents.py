"""What a browser calls itself, in words that its person knows it by."""

import re

_BROWSERS = ("Edg", "OPR", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "FxiOS": "Firefox", "CriOS": "Chrome"}
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "CrOS", "Linux")
_SYSTEM_NAMES = {"Mac OS X": "macOS", "CrOS": "ChromeOS"}


def describe_agent(agent: str) -> str:
    """``Firefox, Linux`` from what a browser calls itself; empty when it says nothing that we know."""
    browser = next((name for name in _BROWSERS if re.search(rf"\b{name}[A-Za-z]*/", agent)), None)
    system = next((name for name in _SYSTEMS if name in agent), None)
    known = (_NAMES.get(browser or "", browser), _SYSTEM_NAMES.get(system or "", system))
    return ", ".join(part for part in known if part)
