"""The short way from a JPEG file to its pixels gives what Pillow gives, or nothing."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from addax.utils import _rgbx


def picture(mode="RGB", size=(37, 23)):
    shape = (size[1], size[0], 3)
    return Image.fromarray(np.random.RandomState(0).randint(0, 256, shape).astype("uint8")).convert(mode)


def encoded(image=None, **options):
    file = io.BytesIO()
    (image or picture()).save(file, "JPEG", **options)
    return file.getvalue()


def through(data, tmp_path):
    (tmp_path / "x.jpg").write_bytes(data)
    return _rgbx.jpeg(str(tmp_path / "x.jpg"))


def colours(pixels):
    return np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)[..., :3]


USUAL = {
    "plain": encoded(),
    "progressive": encoded(progressive=True),
    "no subsampling": encoded(subsampling=0),
    "comment and EXIF": encoded(comment=b"\xff\xc0" * 50, exif=Image.Exif()),
    "trailing bytes": encoded() + b"\xff\xd8 more",
    "another size": encoded(picture(size=(300, 2))),
}
ODD = {
    "empty": b"",
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "greyscale": encoded(picture("L")),
    "CMYK": encoded(picture("CMYK")),
    "cut off": encoded()[:-200],
    "header alone": encoded()[:30],
    "a size that needs care": encoded().replace(b"\x00\x17\x00\x25", b"\xff\xff\xff\xff", 1),
    "no size": encoded().replace(b"\x00\x17\x00\x25", b"\x00\x00\x00\x25", 1),
}


@pytest.mark.parametrize("name", USUAL)
def test_usual_files_have_the_pixels_that_pillow_gives(name, tmp_path):
    wanted = np.asarray(Image.open(io.BytesIO(USUAL[name])))
    np.testing.assert_array_equal(colours(through(USUAL[name], tmp_path)), wanted)


@pytest.mark.parametrize("name", ODD)
def test_all_others_are_left_to_pillow(name, tmp_path):
    assert through(ODD[name], tmp_path) is None


def test_a_missing_file_is_left_to_pillow_too(tmp_path):
    assert _rgbx.jpeg(str(tmp_path / "nowhere.jpg")) is None


def test_damage_gives_the_same_pixels_or_none(tmp_path):
    random = np.random.RandomState(1)
    for _ in range(200):
        data = bytearray(USUAL["plain"])
        for place in random.randint(0, len(data), 3):
            data[place] = random.randint(256)
        found = through(bytes(data), tmp_path)
        if found is not None:
            with Image.open(io.BytesIO(bytes(data))) as image:
                np.testing.assert_array_equal(colours(found), np.asarray(image.convert("RGB")))


def test_what_the_user_lets_pillow_open_is_not_exceeded(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert through(USUAL["plain"], tmp_path) is None


@pytest.mark.parametrize("lent", [True, False])
def test_pixels_of_any_picture_in_rgb(lent, monkeypatch):
    monkeypatch.setattr(_rgbx, "_lends", lambda: lent)
    image = picture()
    found = _rgbx.pixels(image)
    wanted = np.asarray(image)
    del image
    np.testing.assert_array_equal(colours(found), wanted)
    assert found.dtype == np.uint32 and not found.flags.writeable
