"""Sticker Hunt without a browser: which stickers, the printed sheet, the synthetic camera, the recognizer and its
file."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from chonk.dataset.different import ALIKE, descriptors, different
from chonk.draw import draw
from chonk.errors import UserError
from chonk.hidden import Hidden, hidden
from chonk.hunt import looks, planes, pretrain, train, views
from chonk.hunt.rooms import rooms
from chonk.hunt.stickers import textures
from chonk.model import Model, ModelConfig
from chonk.nets.recognizer import CROP, FILE, STEP, even, pretrained
from chonk.play import packed, reference
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
def test_the_sheet_is_a_pdf_of_the_papers_size_with_twelve_a_page(run, tmp_path, monkeypatch, paper, wide, tall):
    monkeypatch.setattr("chonk.draw.hunt.hidden", lambda run, count, _: Hidden([disc((200, 0, 0))] * count, []))
    (file,) = draw(Draw(run=run, what=Hunt(count=14, paper=paper), out=tmp_path / "stickers.pdf"))
    data = file.read_bytes()
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    assert data.startswith(b"%PDF-") and len(boxes) == 2
    assert all(abs(float(w) - wide) < 0.5 and abs(float(h) - tall) < 0.5 for w, h in boxes)


def test_the_sheets_usual_name_and_what_it_refuses(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [str(file) for file in draw(Draw(run=run, what=Hunt(count=3)))] == ["hunt.pdf"]
    assert Path("hunt.pdf").read_bytes().startswith(b"%PDF-")
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
    return views.Camera(textures([disc(s) for s in stickers]), textures([disc((0, 255, 0))]), 3, backgrounds)


def test_rooms_and_views_follow_from_their_seeds():
    assert (rooms(3, 5) == rooms(3, 5)).all() and not (rooms(3, 5) == rooms(3, 6)).all()
    cameras = [camera((255, 0, 0)) for _ in (0, 1)]
    for kind, side in (("crops", CROP), ("frames", views.FRAME)):
        (one, labels), (again, same) = (getattr(c, kind)(20, 8) for c in cameras)
        assert torch.equal(one, again) and torch.equal(labels, same)
        assert not torch.equal(one, getattr(cameras[0], kind)(20, 9)[0])
        assert one.min() >= -1 and one.max() <= 1 and one.shape == (20, 3, side, side)


def test_labels_say_what_a_crop_is_of():
    """Red is sticker 1, blue sticker 2, green is none: whatever the light does, red stays redder than blue."""
    seen, labels = camera((255, 0, 0), (0, 0, 255)).crops(600, 0)
    middle = seen[:, :, 13:23, 13:23].mean((2, 3))
    redder, greener = middle[:, 0] - middle[:, 2], middle[:, 1] - middle[:, [0, 2]].amax(1)
    assert (labels == 1).sum() > 100 and (labels == 2).sum() > 100 and set(labels.tolist()) <= {views.IGNORED, 0, 1, 2}
    assert (redder[labels == 1] > 0).float().mean() > 0.97 and (redder[labels == 2] < 0).float().mean() > 0.97
    green = greener > 0.2
    assert green[labels == 0].float().mean() > 0.1 > 0.03 > green[labels > 0].float().mean()


def test_frames_tell_where_their_pictures_are():
    """All pictures are green: at their middles it is greener than elsewhere."""
    seen, places = camera((0, 255, 0)).frames(200, 0)
    greener = seen[:, 1] - seen[:, [0, 2]].amax(1)
    inside = places[..., 2] > 10
    x, y = (places[..., axis].long().clamp(0, views.FRAME - 1) for axis in (0, 1))
    at_middles = greener[torch.arange(200)[:, None].expand_as(x), y, x][inside]
    assert inside.sum() > 100 and (at_middles > 0.15).float().mean() > 0.75
    assert at_middles.mean() > greener.mean() + 0.3


def test_the_finder_is_told_the_place_the_width_and_what_is_open():
    places = torch.tensor([[[31.0, 30.0, 16.0], [0, 0, 0], [0, 0, 0]], [[32.0, 32.0, 22.0], [10, 10, 40], [0, 0, 0]]])
    seen, other = pretrain.wanted(places)
    assert seen[0, 7, 7] == 1 and seen[0, 1, 1] == 0 and (seen[0] == 1).sum() == seen[4].sum()
    at = torch.tensor([7, 7])
    np.testing.assert_allclose(seen[1:4, 7, 7], [(31 - 30) / 4, 0, 0], atol=1e-6)
    assert other[0, 8, 8] == -1 and other[3, 8, 8] == pytest.approx(np.log(22 / 16)), at
    assert (other[0] == 1).sum() == 0 and other[0, 2, 2] == 0, "far too large ones are none"


def test_evened_pictures_are_the_same_in_any_light():
    pictures = torch.rand(2, 3, 20, 30) - 0.5
    torch.testing.assert_close(even(0.5 * pictures + 0.2), even(pictures), rtol=1e-4, atol=1e-5)


def test_what_comes_with_the_package_finds_stickers_and_is_small():
    assert FILE.stat().st_size < 500_000
    net = pretrained(3).eval()
    shape = Image.new("RGBA", (100, 100))
    pen = ImageDraw.Draw(shape)
    pen.rounded_rectangle((2, 2, 97, 97), 20, (250, 250, 250, 255))
    pen.ellipse((15, 15, 85, 85), (230, 120, 40, 255), (40, 20, 20, 255), 5)
    for dot in (35, 60):
        pen.ellipse((dot, 38, dot + 8, 50), (20, 20, 20, 255))
    for x, y, width in ((160, 110, 110), (90, 120, 60), (220, 60, 80)):
        frame = Image.fromarray(rooms(1, 3)[0]).resize((320, 240))
        frame.paste(shape.resize((width, width)), (x - width // 2, y - width // 2), shape.resize((width, width)))
        places = looks.propose(net.finder, looks.mips(looks.scaled(frame)))
        # The ball on the card is a drawing too: the card must be among the likeliest places.
        away, ratio = np.hypot(places[:4, 0] - x, places[:4, 1] - y), places[:4, 2] / width
        assert ((away < 0.15 * width) & (ratio > 0.7) & (ratio < 1.4)).any(), (x, y, width, places[:4])


def test_the_pages_file_holds_both_nets():
    torch.manual_seed(1)
    net = pretrained(3).eval()
    graph, header = packed.unpack(recognizer_file(net, looks.SEARCH))
    assert header["stickers"] == 3 and header["search"]["scales"] == list(looks.SCALES)
    copy, crop = torch.randn(2, 3, 80, 104), torch.randn(2, 3, CROP, CROP)
    with torch.no_grad():
        for given, first, last, wanted in (
            (copy, 0, header["found"], net.finder(copy)),
            (crop, header["crop"], header["names"], net.namer(crop)),
        ):
            found = reference.run_from(graph, first, given.numpy(), last)
            error = np.abs(found - wanted.numpy()).max() / wanted.abs().max().item()
            assert error < 0.05, error


def test_a_short_training_tells_two_stickers_apart(monkeypatch):
    for name, value in (("OTHERS", 4), ("ROOMS", 6), ("batch_for", lambda stickers: train.Batch(16, 48))):
        monkeypatch.setattr(train, name, value)
    pictures, losses = [disc((230, 40, 40)), disc((40, 60, 230))], []
    camera = train.camera_of(pictures, [disc((40, 200, 40))])
    net = train.train(camera, steps=40, on_step=lambda step, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:3])
    for number, picture in enumerate(pictures):
        frame = Image.new("RGB", (320, 240), (120, 110, 100))
        frame.paste(picture.resize((110, 110)), (100, 60), picture.resize((110, 110)))
        seen, places = looks.look(net, frame)
        best = seen[:, 1:].max(0)
        assert best[number] > 0.5 > 2 * best[1 - number], seen
        x, y, width, _ = places[seen[:, 1 + number].argmax()]
        assert abs(x - 155) < 15 and abs(y - 115) < 15 and 80 < width < 150


def test_evidence_needs_more_than_a_glimpse_and_fades():
    evidence, sure = looks.Evidence(2), np.array([[0.0, 1.0, 0.0], [0.9, 0.0, 0.1]])
    assert evidence.add(sure, 0.1)[0] < looks.ENOUGH
    for _ in range(9):
        values = evidence.add(sure, 0.1)
    assert values[0] > looks.ENOUGH > values[1]
    assert evidence.add(np.array([[1.0, 0, 0]]), 3.0)[0] < 0.05


def test_the_same_frame_is_searched_in_all_sizes():
    for width, height in ((640, 480), (480, 640), (1280, 720), (2000, 300)):
        tall, wide = looks.scaled(Image.new("RGB", (width, height))).shape[:2]
        assert abs(tall * wide - looks.AREA) < 1500
        for x, y, w, h, columns, rows in looks.copies(wide, tall):
            assert x >= 0 and x + w <= wide and y >= 0 and y + h <= tall
            assert columns % STEP == 0 and rows % STEP == 0


def test_a_cut_is_smooth_in_any_size_and_goes_on_beyond_the_border():
    ramp = np.repeat((4 * np.arange(64))[None, :, None], 32, 0).repeat(3, 2).astype(np.uint8)
    levels = looks.mips(ramp)
    for columns in (64, 20, 8):
        values = looks.cut(levels, 0, 0, 64, 32, columns, columns // 2)[0, 0, 1:-1]
        wanted = 4 * ((torch.arange(1, columns - 1) + 0.5) * 64 / columns - 0.5) / 127.5 - 1
        torch.testing.assert_close(values, wanted, rtol=1e-4, atol=1e-5)
    beyond = looks.cut(levels, -40, -40, 16, 16, 4, 4)
    assert (beyond == levels[2][0, 0, 0]).all()


def test_the_limit_of_evidence_follows_from_what_is_seen_in_empty_rooms_and_how_sure_of_stickers_it_is(monkeypatch):
    monkeypatch.setattr(train, "SEEN_ROOMS", 40)
    camera, limits = SimpleNamespace(seed=0), []
    for chance, sure in ((0.0, 0.4), (0.9, 0.4), (1.0, 0.4), (0.9, 0.95)):  # of a sticker, in one of ten rooms
        seen = iter([np.array([[1 - p, p, 0.0]]) for p in ([0.1] * 9 + [chance]) * 4])
        right = np.array([0.1] + 6 * [sure])
        monkeypatch.setattr(looks, "look", lambda net, frame, seen=seen: (next(seen), None))
        monkeypatch.setattr(train, "right_chances", lambda namer, camera, right=right: right)
        limits.append(train.evidence_limit(pretrained(2), camera))
    by_rooms, by_stickers = 0.9 * (1 - np.exp(-train.STARE)), 0.95 * (1 - np.exp(-train.STEADY))
    assert limits == [train.LIMITS[0], pytest.approx(by_rooms), train.LIMITS[1], pytest.approx(by_stickers)]


def test_of_many_stickers_more_is_learned_in_smaller_steps():
    assert train.steps_for(10) == train.steps_for(train.MANY) == train.FEW_STEPS
    assert train.FEW_STEPS < train.steps_for(train.MANY + 1) < train.steps_for(100)
    few, many = (train.batch_for(count) for count in (train.MANY, train.MANY + 1))
    assert few == train.Batch() and many.fresh + many.replayed < few.fresh + few.replayed


def test_of_many_stickers_more_of_the_crops_show_one_and_the_nets_of_the_package_see_as_many_as_before():
    def share(variety: planes.Variety) -> float:
        made = views.Camera(textures([disc((255, 0, 0))]), textures([disc((0, 255, 0))]), 3, 4, variety)
        return float((made.crops(600, 0)[1] != 0).float().mean())

    def of(stickers: int) -> planes.Variety:
        return train.camera_of([disc((stickers, 0, 0), 8)] * stickers, []).variety

    assert of(train.MANY) == planes.USUAL and of(train.MANY + 1) == planes.CROWDED
    usual, crowded, package = (share(variety) for variety in (planes.USUAL, planes.CROWDED, planes.HARD))
    assert abs(usual - 0.55) < 0.06 and abs(crowded - 0.7) < 0.06 and abs(package - 0.55) < 0.06


def test_how_sure_a_namer_is_of_its_stickers_is_asked_about_the_right_ones_only(monkeypatch):
    monkeypatch.setattr(train, "UNSEEN_CROPS", 1)
    views = torch.linspace(-1, 1, 36).expand(4, 3, 36, 36)
    camera = SimpleNamespace(crops=lambda count, step: (views, torch.tensor([0, 2, -1, 1])))
    namer = lambda crops: torch.tensor([[0.9, 0.1, 0], [0.2, 0.1, 0.7], [0, 1.0, 0], [0.5, 0.3, 0.2]]).log()  # noqa: E731
    np.testing.assert_allclose(train.right_chances(namer, camera), [0.7, 0.3], atol=1e-6)


def test_a_sheet_around_a_mug_is_narrower_than_it_is_flat_and_ends_at_the_mugs_side():
    u = torch.tensor([[-2.5, -1.0, 0.0, 1.0, 1.9]])
    around, along = planes.on_cylinder(u, torch.full_like(u, 0.5), torch.tensor([[2.0]]), torch.tensor([[4.0]]))
    torch.testing.assert_close(around[0, 1:4], torch.tensor([-np.pi / 3, 0.0, np.pi / 3]).float())
    assert around[0, 0] == 9 and 1.9 < around[0, 4] < np.pi, "beside it is nothing"
    assert along[0, 2] == 0.5 and along[0, 1] == along[0, 3] > 0.5, "what is farther away looks smaller"
