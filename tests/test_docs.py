"""What the documents say is so: the commands, the links between them, the code in the README."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import chonk
from chonk import cli

ROOT = Path(chonk.__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
if not (ROOT / "docs").is_dir():
    pytest.skip("chonk is installed without its documents", allow_module_level=True)


def test_commands_md_is_up_to_date():
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "commands_page"], capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == made, (
        "run: python scripts/commands_page > docs/commands.md"
    )


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_commands_md_names_the_options_that_help_names(name, capsys):
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## chonk {name}\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    documented = set(re.findall(r"^\| `(--[a-z-]+)`", section, re.M))
    helped = set()
    for args in [
        [name],
        *(
            [name, "RUN", kind]
            for kind in ("corners", "samples", "arithmetic", "walk", "film", "stickers", "pack", "hunt")
            if name == "draw"
        ),
    ]:
        cli.run([*args, "--help"])
        helped |= set(re.findall(r"^\W*(?:-h, )?(--[a-z][a-z-]+)", capsys.readouterr().out, re.M))
    assert documented == helped - {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"", text):
        target = "".join(target)
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_both_readmes_have_the_same_commands():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))

    def commands(text):
        return [
            re.sub(r"\s+#.*", "", line).strip()
            for block in re.findall(r"```sh\n(.*?)```", text, re.S)
            for line in block.splitlines()
            if line.strip()
        ]

    assert commands(english) == commands(chinese)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_commands_in_the_readme_can_be_read(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.S)
        for line in block.splitlines()
        if line.startswith("chonk ")
    ]
    assert len(lines) >= 8
    for line in lines:
        words = re.sub(r"\s+#.*", "", line).replace('"', "").replace("'", "").split()
        assert cli.parse(words[1], words[2:]) is not None, line


def test_chinese_punctuation_is_of_one_width():
    """Beside Chinese characters commas, colons, semicolons, marks and brackets are full-width, code and links apart."""
    import re

    text = re.sub(
        r"```.*?```|`[^`\n]*`|\]\([^)\n]*\)", "`", (ROOT / "README.zh.md").read_text(encoding="utf-8"), flags=re.S
    )
    chinese = "[\u4e00-\u9fff]"
    mixed = re.findall(rf".{{0,12}}(?:{chinese}[,;:!?()]|[,;:!?()]{chinese}).{{0,12}}", text)
    assert not mixed, mixed
