"""What administrators decide in the site, as one YAML file and back: for whoever manages a server as code.

Each :class:`~plein.ascode.sections.Section` reads and writes one part of the file. A section that stands in the file is
made what it says there; what the file does not have is left alone. Secrets are in none of them.
"""

from plein.ascode.applying import Change, export, make
from plein.ascode.reading import FileError, parse, write
from plein.ascode.sections import Section, Site

__all__ = ["Change", "FileError", "Section", "Site", "export", "make", "parse", "write"]
