from __future__ import annotations

import html
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from chonk.errors import UserError
from chonk.play.checks import checked_address
from chonk.play.site import CARD_SIZE, SITE, card, index_page

ENTRY = {"title": "cats", "stills": {"source": "models/cats/stills.webp", "columns": 5}}


def about(data: dict) -> dict[str, str]:
    """What a messenger reads in the head of a page."""
    if not (SITE / "index.html").is_file():
        pytest.skip("the page is not built: pip install -e . builds it")
    text = index_page({"models": [ENTRY], **data}, "data:,")
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<meta (?:name|property)="([a-z:]+)" content="([^"]*)">', text)
    }


def test_a_link_sent_to_friends_shows_a_card():
    found = about({"title": 'Cats & "dogs"', "address": "https://me.github.io/cats/"})
    assert found["og:title"] == 'Cats & "dogs"' and found["twitter:card"] == "summary_large_image"
    assert found["og:image"] == "https://me.github.io/cats/card.jpg" and found["og:url"] == "https://me.github.io/cats/"
    assert found["description"] == found["og:description"] and len(found["description"]) > 40
    assert (int(found["og:image:width"]), int(found["og:image:height"])) == CARD_SIZE
    assert about({"title": "cats"})["og:image"] == "card.jpg", "pages of older versions have no address"


def test_the_card_shows_the_first_pictures():
    sheet = Image.new("RGBA", (5 * 16, 5 * 16), (0, 0, 0, 0))
    sheet.paste((200, 30, 30, 255), (16, 0, 32, 16))
    data = BytesIO()
    sheet.save(data, "WEBP", lossless=True)
    with Image.open(BytesIO(card(data.getvalue(), 5))) as picture:
        assert picture.format == "JPEG" and picture.size == CARD_SIZE
        pixels = np.asarray(picture, np.int16)
    assert np.abs(pixels[180, 450] - (200, 30, 30)).max() < 12, "the second picture"
    assert pixels[180, 150].min() > 245, "what is transparent is white"
    assert pixels[2, 2, 2] < 245, "the page's ground around them"


@pytest.mark.parametrize(
    "given, address",
    [
        ("https://me.github.io/cats", "https://me.github.io/cats/"),
        ("http://cats.example", "http://cats.example/"),
        ("https://cats.example/a/index.html", "https://cats.example/a/"),
    ],
)
def test_an_address_ends_where_the_page_is(given, address):
    assert checked_address(given) == address


@pytest.mark.parametrize(
    "given", ["cats.example", "file:///cats/", "https://", "https://cats.example/?a=1", "javascript:alert(1)"]
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(UserError, match="--address"):
        checked_address(given)
