"""What the confined child says no with, for who asks it: without the libraries that it reads files with."""


class PictureRefused(ValueError):
    """A file that is no picture, or too large a one. ``reason`` is ``broken`` or ``too-large``."""

    def __init__(self, reason: str, *, megapixels: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.megapixels = megapixels
