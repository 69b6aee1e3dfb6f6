"""A fictional municipality to look around in: pages in ``nl/``, and what puts them in a site."""

from plein.demo.load import make_demo_space

__all__ = ["make_demo_space"]
