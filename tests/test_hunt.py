"""Sticker Hunt without a browser: which stickers, the printed sheet, the synthetic camera, the recognizer and its
file."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from chonk.dataset.different import ALIKE, descriptors, different
from chonk.draw import draw
from chonk.errors import UserError
from chonk.hidden import hidden
from chonk.hunt import looks, train, views
from chonk.hunt.rooms import rooms
from chonk.model import Model, ModelConfig
from chonk.nets.recognizer import SIDE, STEP, Recognizer
from chonk.play import packed
from chonk.play.hunt import recognizer_file
from chonk.settings import Draw, Hunt

SMALL = dict(filters=6, layers=1, sets=3, doubling=True, activation="leaky_relu", inject="latent")


def disc(colour: tuple[int, int, int], size: int = 64) -> Image.Image:
    picture = Image.new("RGBA", (size, size))
    ImageDraw.Draw(picture).ellipse((2, 2, size - 3, size - 3), fill=(*colour, 255))
    return picture


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run whose pictures differ much: its small net has large weights."""
    folder = tmp_path_factory.mktemp("run")
    model = Model.build(ModelConfig("began", 32, 4, 16, options=SMALL, title="Cats"))
    generator = torch.Generator().manual_seed(0)
    for name, value in model.generator.state_dict().items():
        if value.is_floating_point() and value.ndim > 1:
            value.normal_(0, 1.6 / value[0].numel() ** 0.5, generator=generator)
        elif name.endswith(("carry", "fresh")):
            value.fill_(0.5)
    model.save(folder / "model")
    return folder


def test_the_most_different_are_chosen_and_no_twins():
    colours = [(250, 20, 20), (20, 250, 20), (20, 20, 250), (250, 250, 20), (20, 250, 250)]
    pictures = [disc(tuple(min(255, v + shift) for v in colour)) for colour in colours for shift in (0, 1, 2, 3)]
    chosen = different(pictures, 12)
    assert sorted(number // 4 for number in chosen) == [0, 1, 2, 3, 4]
    assert different(pictures, 3) == chosen[:3]
    found = descriptors([pictures[i] for i in chosen])
    assert min(np.linalg.norm(found[i] - found[j]) for i in range(5) for j in range(i)) > ALIKE


def test_hidden_ones_and_others_are_of_one_run_and_never_the_same(run):
    ten, five = hidden(run, 10, False), hidden(run, 5, False)
    bytes_of = [picture.tobytes() for picture in ten.stickers]
    assert bytes_of[:5] == [picture.tobytes() for picture in five.stickers]
    assert len(set(bytes_of)) == 10 and not set(bytes_of) & {picture.tobytes() for picture in ten.others}
    for count in (1, 101):
        with pytest.raises(UserError, match="2 to 100"):
            Hunt(count=count)
    with pytest.raises(UserError, match="pictures it was trained on are gone"):
        hidden(run, 10, True)


def test_a_collapsed_model_has_no_hunt(tmp_path):
    model = Model.build(ModelConfig("began", 32, 3, 16, options=SMALL))
    for value in model.generator.state_dict().values():
        value.zero_()
    model.save(tmp_path / "model")
    with pytest.raises(UserError, match="too much alike"):
        hidden(tmp_path, 10, False)


@pytest.mark.parametrize(("paper", "wide", "tall"), [("a4", 595.3, 841.9), ("letter", 612, 792)])
def test_the_sheet_is_a_pdf_of_the_papers_size_with_twelve_a_page(run, tmp_path, paper, wide, tall):
    (file,) = draw(Draw(run=run, what=Hunt(count=14, paper=paper), out=tmp_path / "stickers.pdf"))
    data = file.read_bytes()
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    assert data.startswith(b"%PDF-") and len(boxes) == 2
    assert all(abs(float(w) - wide) < 0.5 and abs(float(h) - tall) < 0.5 for w, h in boxes)


def test_the_sheets_usual_name_and_what_it_refuses(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [str(file) for file in draw(Draw(run=run, what=Hunt(count=3)))] == ["hunt.pdf"]
    with pytest.raises(UserError, match="paper"):
        Hunt(paper="a5")
    with pytest.raises(UserError, match="hunt can be drawn as .pdf"):
        draw(Draw(run=run, what=Hunt(), out=tmp_path / "x.png"))
    with pytest.raises(UserError, match="can be drawn as"):
        draw(Draw(run=run, out=tmp_path / "x.pdf"))


def test_cards_have_their_stickers_and_lines_between_them(run):
    from chonk.draw.hunt import PAPERS, page

    sheet = np.asarray(page([disc((200, 0, 0))] * 5, 1, PAPERS["a4"]).convert("RGB")).astype(int)
    red = (sheet[..., 0] > 150) & (sheet[..., 1] < 60)
    columns = np.flatnonzero(np.diff(np.flatnonzero(red.any(0))) > 1)
    assert len(columns) == 2, "three stickers side by side"
    assert not red[:, red.shape[1] // 3 - 3 : red.shape[1] // 3 + 3].any(), "the lines run between them"


def camera(*stickers: tuple[int, int, int], backgrounds: int = 4) -> views.Camera:
    return views.Camera(
        views.textures([disc(s) for s in stickers]), views.textures([disc((0, 255, 0))]), 3, backgrounds
    )


def test_rooms_and_views_follow_from_their_seeds():
    assert (rooms(3, 5) == rooms(3, 5)).all() and not (rooms(3, 5) == rooms(3, 6)).all()
    cameras = [camera((255, 0, 0)) for _ in (0, 1)]
    (one, labels), (again, same) = (c.views(20, 8) for c in cameras)
    assert torch.equal(one, again) and torch.equal(labels, same)
    assert not torch.equal(one, cameras[0].views(20, 9)[0])
    assert one.min() >= -1 and one.max() <= 1 and one.shape == (20, 3, SIDE, SIDE)


def test_labels_say_what_fills_a_window():
    """Red is sticker 1, blue sticker 2, green is none: whatever the light does, red stays redder than blue."""
    seen, labels = camera((255, 0, 0), (0, 0, 255)).views(600, 0)
    middle = seen[:, :, 5:11, 5:11].mean((2, 3))
    redder, greener = middle[:, 0] - middle[:, 2], middle[:, 1] - middle[:, [0, 2]].amax(1)
    assert (labels == 1).sum() > 100 and (labels == 2).sum() > 100 and set(labels.tolist()) <= {views.IGNORED, 0, 1, 2}
    assert (redder[labels == 1] > 0).float().mean() > 0.97 and (redder[labels == 2] < 0).float().mean() > 0.97
    green = greener > 0.2
    assert green[labels == 0].float().mean() > 0.1 > 0.03 > green[labels > 0].float().mean()


def test_a_window_is_judged_alike_in_any_light_and_wherever_it_is():
    torch.manual_seed(1)
    net = Recognizer(3, (8, 4)).eval()
    frame = torch.rand(1, 3, 40, 60) * 0.8 - 0.4
    whole = net(frame)
    assert whole.shape == (1, 4, (40 - SIDE) // STEP + 1, (60 - SIDE) // STEP + 1)
    torch.testing.assert_close(net(frame[:, :, 4 : 4 + SIDE, 10 : 10 + SIDE])[..., 0, 0], whole[..., 2, 5])
    torch.testing.assert_close(net(0.5 * frame + 0.3), whole, rtol=1e-4, atol=1e-4)


def test_the_pages_file_holds_the_net():
    torch.manual_seed(1)
    net = Recognizer(3, (8, 4)).eval()
    graph, header = packed.unpack(recognizer_file(net, 3, looks.SEARCH))
    assert header["stickers"] == 3 and header["search"]["scales"] == list(looks.SCALES)
    see, none, sums, bias, think, think_bias, guess, guess_bias = graph.weights
    for found, wanted in ((see, net.see.weight), (think, net.think.weight), (guess, net.guess.weight)):
        assert np.abs(found - wanted.detach().numpy()).max() < 0.01 * wanted.abs().max()
    for found, layer in ((bias, net.see), (think_bias, net.think), (guess_bias, net.guess)):
        np.testing.assert_allclose(found, layer.bias.detach(), atol=1e-3)
    np.testing.assert_allclose(sums, net.see.weight.sum((1, 2, 3)).detach(), atol=0.02)
    assert not none.any()


def test_a_short_training_tells_two_stickers_apart(monkeypatch):
    for name, value in (("FRESH", 48), ("REPLAYED", 96), ("OTHERS", 4), ("EMPTY_ROOMS", 6)):
        monkeypatch.setattr(train, name, value)
    pictures, losses = [disc((230, 40, 40)), disc((40, 60, 230))], []
    net = train.train(pictures, [disc((40, 200, 40))], steps=60, told=lambda step, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:3])
    for number, picture in enumerate(pictures):
        frame = Image.new("RGB", (320, 240), (120, 110, 100))
        frame.paste(picture.resize((110, 110)), (100, 60), picture.resize((110, 110)))
        seen = looks.look(net, frame)
        odds = seen / (1 - seen)  # each sticker's own, and only the likeliest of a look counts
        assert seen.argmax() == number and odds[number] > 4 * odds[1 - number]


def test_the_net_becomes_as_careful_as_empty_rooms_ask_for(monkeypatch):
    monkeypatch.setattr(train, "EMPTY_ROOMS", 10)
    torch.manual_seed(0)
    net = Recognizer(2, (8, 4)).requires_grad_(False)
    net.guess.bias[0] = 4

    def mistakes() -> int:
        return sum(
            bool(train.chances(seen).max() > 0.5) for part in range(4) for seen in train.search(net, 1 + part)[1]
        )

    assert mistakes() > 10
    train.calibrate(net, 1)
    assert mistakes() <= 3  # of forty rooms


def test_evidence_needs_more_than_a_glimpse_and_fades():
    evidence = looks.Evidence(2)
    assert evidence.add(np.array([1.0, 0.0]), 0.1)[0] < looks.ENOUGH
    for _ in range(9):
        values = evidence.add(np.array([1.0, 0.0]), 0.1)
    assert values[0] > looks.ENOUGH and values[1] == 0
    assert evidence.add(np.zeros(2), 2.0)[0] < 0.05


def test_the_same_frame_is_searched_in_all_sizes():
    sizes = [copy.size for copy in looks.copies(Image.new("RGB", (640, 480)))]
    assert sizes == [(106, 80), (106, 80), (76, 56), (54, 40), (38, 28), (28, 20)]
    for width, height in ((480, 640), (1280, 720), (2000, 300)):
        for scale in looks.SCALES:
            sides = looks.sides(width, height, scale)
            assert all(side % STEP == 0 and side >= SIDE for side in sides)
