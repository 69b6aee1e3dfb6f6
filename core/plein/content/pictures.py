"""Pictures that people send, made anew: what is shown in a page is never the bytes that came in.

Re-encoding removes what may hide in a file (location, comments, a second format glued to the first).
"""

import io
import warnings
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 88, "optimize": True}, "WEBP": {"quality": 88}}
_MAX_FRAMES = 200


class PictureRefused(ValueError):
    """A file that is no picture, or too large a one. ``reason`` is ``broken`` or ``too-large``."""

    def __init__(self, reason: str, *, megapixels: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.megapixels = megapixels


@dataclass(frozen=True, slots=True)
class Picture:
    """A re-encoded picture: its bytes and its size in pixels, the right way up."""

    file: BinaryIO
    width: int
    height: int


def reencode(file: BinaryIO, media_type: str, *, max_megapixels: int) -> Picture:
    """*file* as a new picture of the same type, without metadata.

    :param media_type: what the bytes are; one of ``sniffing.RASTER``.
    :raises PictureRefused: when it is broken or has more than *max_megapixels* million pixels.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of a decompression bomb; our own limit below is lower and exact.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=[_FORMATS[media_type]])
            megapixels = image.width * image.height / 1e6
            if megapixels > max_megapixels:
                raise PictureRefused("too-large", megapixels=megapixels)
            return _encode(image, _FORMATS[media_type], max_megapixels)
    except Image.DecompressionBombError as error:
        raise PictureRefused("too-large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, OverflowError) as error:
        if isinstance(error, PictureRefused):
            raise
        raise PictureRefused("broken") from error


def _encode(image: Image.Image, image_format: str, max_megapixels: int) -> Picture:
    frames = getattr(image, "n_frames", 1)
    target = io.BytesIO()
    if image_format == "GIF" and frames > 1:
        _check_frames(image, frames, max_megapixels)
        width, height = image.size
        image.save(target, "GIF", save_all=True, comment=b"")
    else:
        image.load()
        upright = ImageOps.exif_transpose(image)
        # A new image takes the pixels and nothing else.
        clean = Image.new(upright.mode, upright.size)
        clean.paste(upright)
        if upright.mode == "P" and upright.palette is not None:
            clean.putpalette(upright.palette)
        if "transparency" in upright.info:
            clean.info["transparency"] = upright.info["transparency"]
        if image_format == "JPEG" and clean.mode not in ("RGB", "L", "CMYK"):
            clean = clean.convert("RGB")
        width, height = clean.size
        clean.save(target, image_format, **_OPTIONS.get(image_format, {}))
    target.seek(0)
    return Picture(target, width, height)


def _check_frames(image: Image.Image, frames: int, max_megapixels: int) -> None:
    """An animation counts with all its frames."""
    megapixels = image.width * image.height * frames / 1e6
    if frames > _MAX_FRAMES or megapixels > max_megapixels * 4:
        raise PictureRefused("too-large", megapixels=megapixels)
