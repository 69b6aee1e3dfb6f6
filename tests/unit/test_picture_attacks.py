"""Pictures made to exhaust memory or time, or to carry something else. None may cost more than a glance."""

import io
import struct

import pytest
from bounded import bounded
from PIL import Image, PngImagePlugin

from plein.confined.pictures import reencode
from plein.confined.refusals import PictureRefused

HEADER = b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
PIXEL = b"\x02\x02\x44\x01\0"


def frame(width: int = 1, height: int = 1, data: bytes = PIXEL) -> bytes:
    return b"," + struct.pack("<4HB", 0, 0, width, height, 0) + data


def animation(frames: int, size: tuple[int, int] = (40, 30)) -> bytes:
    target = io.BytesIO()
    pictures = [Image.new("RGB", size, (number * 20 % 256, 80, 160)) for number in range(frames)]
    pictures[0].save(target, "GIF", save_all=True, append_images=pictures[1:], duration=100, loop=0)
    return target.getvalue()


def refused(data: bytes, media_type: str = "image/gif", max_megapixels: int = 1) -> str:
    with bounded(80), pytest.raises(PictureRefused) as caught:
        reencode(io.BytesIO(data), media_type, max_megapixels=max_megapixels)
    return caught.value.reason


def test_a_small_animation_keeps_its_frames_and_size() -> None:
    made = reencode(io.BytesIO(animation(5)), "image/gif", max_megapixels=1)
    again = Image.open(made.file)
    assert (made.width, made.height, again.size) == (40, 30, (40, 30))
    assert getattr(again, "n_frames", 1) == 5


def test_a_gif_of_very_many_tiny_frames_is_refused_at_once() -> None:
    assert refused(HEADER + frame() * 200_000 + b";") == "too-large"


def test_a_frame_larger_than_its_gif_counts_by_its_own_size() -> None:
    assert refused(HEADER + frame() + frame(5000, 5000) + b";") == "too-large"
    assert refused(HEADER + frame(5000, 5000) + b";") == "too-large"


def test_an_animation_counts_with_all_its_frames() -> None:
    assert refused(HEADER + frame(900, 900) * 6 + b";") == "too-large"


@pytest.mark.parametrize(
    "extension",
    [b"!\xf9\0", b"!\xff\x0bNETSCAPE2.0\0", b"!\x01\0"],
    ids=["control without a block", "loop without a count", "text without a block"],
)
def test_a_gif_that_hides_frames_where_readers_disagree_is_refused(extension: bytes) -> None:
    assert refused(HEADER + extension + frame() + frame(5000, 5000) + b";") == "broken"


def test_a_gif_cut_off_anywhere_is_refused_or_read_and_never_an_error() -> None:
    whole = animation(3)
    for length in range(6, len(whole), 7):
        try:
            reencode(io.BytesIO(whole[:length]), "image/gif", max_megapixels=1)
        except PictureRefused as cut:
            assert cut.reason == "broken"


def test_a_compressed_bomb_in_a_png_is_refused_by_its_size() -> None:
    target = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(target, "PNG")
    assert len(target.getvalue()) < 100_000
    assert refused(target.getvalue(), "image/png", 40) == "too-large"


def test_what_hides_in_a_picture_does_not_come_through() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, "PNG", pnginfo=notes)
    made = reencode(io.BytesIO(target.getvalue() + b"PK\x03\x04<script>"), "image/png", max_megapixels=1)
    assert b"script" not in made.file.read()
