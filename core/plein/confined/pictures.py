"""Pictures that people send, made anew: what is shown in a page is never the bytes that came in.

Re-encoding removes what may hide in a file (location, comments, a second format glued to the first).
"""

import io
import struct
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from plein.confined.refusals import PictureRefused

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 88, "optimize": True}, "WEBP": {"quality": 88}}
_MAX_FRAMES = 200
#: Blocks of a GIF's comments and of extensions of applications, by their label; of others one.
_LEAST_BLOCKS = {b"\xfe": 0, b"\xff": 2}


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
    with _opened(file, media_type, max_megapixels) as (image, frames):
        return _encode(image, _FORMATS[media_type], frames)


def squares(file: BinaryIO, media_type: str, sizes: Collection[int], *, max_megapixels: int) -> dict[int, BinaryIO]:
    """The middle of *file* as squares of *sizes* pixels, in WebP, without metadata: photos of people.

    :param media_type: what the bytes are; one of ``sniffing.RASTER``. Of an animation the first picture is taken.
    :raises PictureRefused: when it is broken or has more than *max_megapixels* million pixels.
    """
    made: dict[int, BinaryIO] = {}
    with _opened(file, media_type, max_megapixels) as (image, _frames):
        # A large JPEG is decoded at a fraction of its size, which is all that is needed.
        image.draft("RGB", (2 * max(sizes), 2 * max(sizes)))
        upright = ImageOps.exif_transpose(image).convert("RGBA")
        plain = Image.new("RGB", upright.size, "white")
        plain.paste(upright, mask=upright)
        for size in sizes:
            # Faces stand above the middle.
            square = ImageOps.fit(plain, (size, size), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
            target = io.BytesIO()
            square.save(target, "WEBP", quality=82, method=4)
            target.seek(0)
            made[size] = target
    return made


def reencode_file(source: str, target: str, media_type: str, max_megapixels: int) -> dict[str, Any]:
    """The task ``reencode``: *source* as a new picture in *target*."""
    with open(source, "rb") as file:
        made = reencode(file, media_type, max_megapixels=max_megapixels)
    Path(target).write_bytes(made.file.read())
    return {"width": made.width, "height": made.height}


def sizes_of_file(source: str, folder: str, media_type: str, widths: list[int], max_megapixels: int) -> dict[str, Any]:
    """The task ``sizes``: *source* in each of *widths* pixels that is less than its own, as WebP.

    Of an animation none is made: it would stand still.
    """
    made: dict[str, int] = {}
    with open(source, "rb") as file, _opened(file, media_type, max_megapixels) as (image, frames):
        if frames > 1 or getattr(image, "n_frames", 1) > 1:
            return {"made": {}}
        upright = ImageOps.exif_transpose(image)
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        plain = upright.convert(mode)
        # From large to small: each is made of the one before, which costs less.
        for width in sorted(widths, reverse=True):
            if width >= upright.width:
                continue
            height = max(1, round(upright.height * width / upright.width))
            plain = plain.resize((width, height), Image.Resampling.LANCZOS)
            plain.save(Path(folder) / str(width), "WEBP", quality=80, method=4)
            made[str(width)] = height
    return {"made": made}


def squares_of_file(source: str, folder: str, media_type: str, sizes: list[int], max_megapixels: int) -> dict[str, Any]:
    """The task ``squares``: photos of people."""
    with open(source, "rb") as file:
        made = squares(file, media_type, sizes, max_megapixels=max_megapixels)
    for size, square in made.items():
        (Path(folder) / str(size)).write_bytes(square.read())
    return {"made": sorted(made)}


@contextmanager
def _opened(file: BinaryIO, media_type: str, max_megapixels: int) -> Iterator[tuple[Image.Image, int]]:
    """*file* as an image whose pixels are not decoded yet, and how many frames it has.

    :raises PictureRefused: here, and for whatever goes wrong while the image is used.
    """
    try:
        with warnings.catch_warnings():
            # Pillow's own limit lies above ours, but holds everywhere inside it.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            frames = _check_gif(file, max_megapixels) if media_type == "image/gif" else 1
            image = Image.open(file, formats=[_FORMATS[media_type]])
            megapixels = image.width * image.height / 1e6
            if megapixels > max_megapixels:
                raise PictureRefused("too-large", megapixels=megapixels)
            yield image, frames
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused("too-large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, OverflowError) as error:
        if isinstance(error, PictureRefused):
            raise
        raise PictureRefused("broken") from error


def _encode(image: Image.Image, image_format: str, frames: int) -> Picture:
    target = io.BytesIO()
    if frames > 1:
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


def _check_gif(file: BinaryIO, max_megapixels: int) -> int:
    """How many frames a GIF has, counted without decoding any; *file* is left at its beginning.

    A frame may be larger than the picture that it belongs to, and Pillow makes room for it; so each is looked at. An
    animation counts with all its frames.

    :raises PictureRefused: for too many frames or pixels, and for what readers of GIF understand differently.
    """
    file.seek(0)
    width = height = count = 0
    for right, bottom in _gif_frames(file):
        count += 1
        width, height = max(width, right), max(height, bottom)
        megapixels = width * height * count / 1e6
        if count > _MAX_FRAMES or width * height / 1e6 > max_megapixels or megapixels > max_megapixels * 4:
            raise PictureRefused("too-large", megapixels=megapixels)
    file.seek(0)
    return count


def _gif_frames(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """The right and bottom edge of each frame of a GIF, after the size of the whole as part of each."""
    head = _exactly(file, 13)
    screen = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    _skip_colours(file, head[10])
    while (mark := file.read(1)) not in (b"", b";"):
        if mark == b"!":
            label = _exactly(file, 1)
            # With fewer blocks than these, readers disagree on where the extension ends.
            if _skip_blocks(file) < _LEAST_BLOCKS.get(label, 1):
                raise PictureRefused("broken")
        elif mark == b",":
            left, top, width, height = struct.unpack("<4H", _exactly(file, 8))
            _skip_colours(file, _exactly(file, 1)[0])
            _exactly(file, 1)
            _skip_blocks(file)
            yield max(screen[0], left + width), max(screen[1], top + height)
        elif mark != b"\0":
            raise PictureRefused("broken")


def _skip_colours(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        _exactly(file, 3 << (flags & 7) + 1)


def _skip_blocks(file: BinaryIO) -> int:
    """Read past a chain of blocks; says how many there were."""
    count = 0
    while length := (file.read(1) or b"\0")[0]:
        file.seek(length, io.SEEK_CUR)
        count += 1
    return count


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise PictureRefused("broken")
    return data
