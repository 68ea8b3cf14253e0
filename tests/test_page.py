"""The folder that `chonk page` writes."""

from __future__ import annotations

import json

import pytest

from browser import Visit, served
from chonk.errors import ChonkError, UserError
from chonk.play.page import page
from chonk.settings import Page
from small_pages import EVIL, small_run


def test_titles_from_files_are_text(visit):
    v = visit()
    v.open("#v1&view=grid&model=clear")
    assert v.page.title() == f"{EVIL} · Little cats" and EVIL in v.page.locator("select").inner_text()
    assert v.page.locator("img[src=x]").count() == 0 and v.errors == []


def test_a_page_works_in_any_sub_folder(browser, site, tmp_path):
    small_run(tmp_path / "run")
    page(Page(runs=(tmp_path / "run",), out=tmp_path / "deep" / "down" / "page"))
    with served(tmp_path / "deep") as address:
        v = Visit(browser, address + "down/page/")
        v.open()
        assert v.errors == []
        v.context.close()


def test_the_demo_is_the_shipped_page_with_this_installations_files(site, tmp_path, monkeypatch):
    import filecmp
    import shutil

    from chonk.play import demo

    monkeypatch.setattr(demo, "SHIPPED", tmp_path / "demo")
    with pytest.raises(ChonkError, match="chonk make"), demo.demo_page():
        pass
    shutil.copytree(site[2] / "models", tmp_path / "demo" / "models")
    shutil.copy(site[2] / "page.json", tmp_path / "demo")
    with demo.demo_page() as root:
        names = sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file())
        assert names == sorted(str(file.relative_to(site[2])) for file in site[2].rglob("*") if file.is_file())
        assert filecmp.cmpfiles(root, site[2], names, shallow=False)[0] == names
    assert not root.exists()


def test_every_file_of_the_demo_is_there():
    from chonk.play.demo import SHIPPED

    def files(value) -> list[str]:
        if isinstance(value, dict | list):
            return [file for part in (value.values() if isinstance(value, dict) else value) for file in files(part)]
        return [value] if isinstance(value, str) and value.startswith("models/") else []

    named = set(files(json.loads((SHIPPED / "page.json").read_text())))
    there = {file.relative_to(SHIPPED).as_posix() for file in (SHIPPED / "models").rglob("*") if file.is_file()}
    assert named == there


def test_only_a_page_is_replaced(tmp_path):
    small_run(tmp_path / "kitty")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="mine"):
        page(Page(runs=(tmp_path / "kitty",), out=tmp_path / "mine"))
    first = page(Page(runs=(tmp_path / "kitty",), out=tmp_path / "out"))
    (tmp_path / "out" / "CNAME").write_text("cats.example")
    (tmp_path / "out" / ".git").mkdir()
    again = page(Page(runs=(tmp_path / "kitty", tmp_path / "kitty"), out=tmp_path / "out"))
    assert [m["name"] for m in again["models"]] == ["kitty", "kitty-2"] and again["models"][0] == first["models"][0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kitty", "mine", "out"]
    assert (tmp_path / "out" / "CNAME").read_text() == "cats.example" and (tmp_path / "out" / ".git").is_dir(), (
        "what is not ours stays"
    )


@pytest.mark.parametrize(
    "change",
    [{"frames": [{"file": "../../secret.png", "kimg": 1}] * 2}, {"size": 10**9}, {"format": 2}, {"columns": "4"}],
)
def test_a_film_from_a_stranger_stays_in_its_folder(tmp_path, change):
    small_run(tmp_path / "run")
    file = tmp_path / "run" / "film" / "film.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UserError, match="film"):
        page(Page(runs=(tmp_path / "run",), out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
