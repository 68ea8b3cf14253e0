"""The command line as people and scripts meet it."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_type_hints

import pytest

from chonk import arguments, cli, requirements, settings
from chonk.errors import ChonkError, UserError
from training import make_pictures

HEAVY = {"torch", "numpy", "PIL", "scipy", "av", "rich"}


def parsed(line: str):
    name, *args = line.split()
    return cli.parse(name, args)


@pytest.mark.parametrize("args", [["--help"], ["train", "--help"], ["draw", "--help"]])
def test_help_imports_nothing_heavy(args):
    code = f"import sys\nfrom chonk import cli\ncli.run({args!r})\nprint('LOADED', *{HEAVY!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_help_has_an_example_that_can_be_read(name, capsys):
    assert cli.run([name, "--help"]) == 0
    examples = [line for line in capsys.readouterr().out.splitlines() if line.startswith("example: chonk ")]
    assert examples
    for line in examples:
        words = line.removeprefix("example: chonk ").replace('"', "").split()
        assert words[0] == name
        assert type(cli.parse(name, words[1:])) is cli.settings_class(name)


def test_the_overview_names_every_command(capsys):
    assert cli.run(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"chonk {name} " in out for name in cli.COMMANDS)
    assert cli.run([]) == 2


def test_version(capsys):
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("chonk 0.")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("gather SOURCE --out DIR", settings.Gather(Path("SOURCE"), Path("DIR"))),
        ("gather SOURCE --out DIR --size 32", settings.Gather(Path("SOURCE"), Path("DIR"), 32)),
        ("gather --character 12 --seed 3 --out DIR", settings.Gather(out=Path("DIR"), character=12, seed=3)),
        ("train PICTURES --out RUN", settings.Train(Path("PICTURES"), Path("RUN"))),
        (
            "train PICTURES --out RUN --minutes 2.5 --objective began --seed 4",
            settings.Train(Path("PICTURES"), Path("RUN"), 2.5, objective="began", seed=4),
        ),
        ("train PICTURES --out RUN --kimg 3", settings.Train(Path("PICTURES"), Path("RUN"), kimg=3.0)),
        (
            "train PICTURES --set gamma=0.5 filters=64",
            settings.Train(Path("PICTURES"), set=("gamma=0.5", "filters=64")),
        ),
        (
            "train PICTURES --set gamma=0.5 --seed 1 --set=filters=64 warmup=0",
            settings.Train(Path("PICTURES"), seed=1, set=("gamma=0.5", "filters=64", "warmup=0")),
        ),
        ("draw RUN samples --count 9 --out DIR", settings.Draw(Path("RUN"), settings.Samples(9), Path("DIR"))),
        ("draw RUN grid", settings.Draw(Path("RUN"), settings.Grid())),
        ("draw RUN grid --out g.png", settings.Draw(Path("RUN"), settings.Grid(), Path("g.png"))),
        ("draw RUN corners", settings.Draw(Path("RUN"), settings.Corners())),
        (
            "draw RUN corners --top-left 0.5 -1 2",
            settings.Draw(Path("RUN"), settings.Corners(top_left=(0.5, -1.0, 2.0))),
        ),
        ("draw RUN arithmetic", settings.Draw(Path("RUN"), settings.Arithmetic())),
        ("draw RUN film", settings.Draw(Path("RUN"), settings.Film())),
        ("draw RUN walk --seed 2", settings.Draw(Path("RUN"), settings.Walk(), seed=2)),
        ("draw RUN stickers --svg", settings.Draw(Path("RUN"), settings.Stickers(svg=True))),
        ("draw --link http://127.0.0.1/#v1", settings.Draw(link="http://127.0.0.1/#v1")),
        ("score RUN --json", settings.Score(Path("RUN"), json=True)),
        ("page RUN --out DIR", settings.Page((Path("RUN"),), Path("DIR"))),
        ("page RUN RUN2 RUN3 --out DIR", settings.Page((Path("RUN"), Path("RUN2"), Path("RUN3")), Path("DIR"))),
        ("serve DIR --port 8123", settings.Serve(Path("DIR"), port=8123)),
        ("serve DIR --no-show", settings.Serve(Path("DIR"), show=False)),
        ("make", settings.Make()),
        ("make FOLDER --minutes 20", settings.Make(Path("FOLDER"), minutes=20.0)),
        ("demo", settings.Demo()),
    ],
)
def test_the_forms_that_scripts_rely_on(line, wanted):
    assert parsed(line) == wanted


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("paint x", "paint: no such command"),
        ("train", "PICTURES"),
        ("train x --minutes soon", "--minutes: cannot read"),
        ("train x --minuts 3", "--minuts"),
        ("draw run painting", "painting"),
        ("draw run corners --top-left 1 2", "--top-left"),
        (
            "page x --precision int9",
            "--precision int9: is not known; did you mean int8?; there are auto, fp16, fp32, int6, int8;",
        ),
        ("draw x pack --moves wlak", "--moves wlak: is not known; did you mean walk?; there are breathe, walk;"),
        ("draw x pack --for what's", "--for what's: is not known; did you mean whatsapp?"),
        ("page x --precision", "--precision: needs a value"),
        ("draw x corners --top-left 1 2", "--top-left: cannot read 1 2;"),
        ("train x --minutes=", "--minutes: cannot read nothing"),
        ("serve x --port http", "--port: cannot read"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_code_2(line, words, capsys):
    assert cli.run(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1 and words in captured.err and captured.err.startswith("chonk: ")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("mak x", "did you mean make?"),
        ("draw run gird", "did you mean grid?"),
        ("train x --minuts 3", "did you mean --minutes?"),
        ("draw run grid --rowz 3", "did you mean --rows?"),
        ("train x --objective began2", "did you mean began?"),
        ("xyzzy", "no such command; there are"),
    ],
)
def test_a_mistyped_word_is_told_what_was_meant(line, meant, tmp_path, capsys):
    make_pictures(tmp_path / "x")
    assert cli.run(line.replace(" x", f" {tmp_path / 'x'}").split()) == 2
    captured = capsys.readouterr().err
    assert captured.count("\n") == 1 and meant in captured


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("make a b c", "b: is one too many; chonk make takes one folder or file: put several into one folder"),
        ("make a --minutes 3 b", "b: is one too many; chonk make takes one folder or file"),
        ("gather a b", "b: is one too many; chonk gather takes one folder or file"),
        ("train a b", "b: is one too many; chonk train takes one set: gather several folders into it"),
        ("tune a b", "b: is one too many; chonk tune takes one set"),
        ("score a b", "b: is one too many; chonk score takes one RUN at a time"),
        ("serve a b", "b: is one too many; chonk serve takes one page at a time"),
        ("draw a b grid", "b: is one too many; chonk draw takes one RUN and one thing to draw at a time"),
        ("draw a grid b", "b: is one too many; chonk draw takes one RUN"),
        ("demo a", "a: is one too many; chonk demo takes options alone"),
        ("make a --cutout yes", "yes: is one too many; --cutout takes no value"),
        ("make a size 32", "size: is not known; did you mean --size?"),
        ("make a -size 32", "-size: is not known; did you mean --size?"),
        ("draw a gird --columns 3", "gird: is not known; did you mean grid?"),
        ("draw a grid --count 3", "--count: is known to samples, stickers, pack, hunt alone"),
        ("draw a grid --seeed=3", "--seeed: is not known; did you mean --seed?"),
        ("make My cats --minutes 3", 'cats: is not known; did you mean "My cats"?'),
        ("make a --out My cats", 'cats: is not known; did you mean "My cats"?'),
    ],
)
def test_what_there_is_no_place_for_is_told_what_to_do(line, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "My cats"):
        (tmp_path / name).mkdir()
    assert cli.run(line.split()) == 2
    captured = capsys.readouterr().err
    assert captured.count("\n") == 1 and words in captured


def test_a_command_may_be_asked_for_behind_help(capsys):
    assert cli.run(["help", "make"]) == 0
    assert capsys.readouterr().out.startswith("usage: chonk make")
    assert cli.run(["help", "mak"]) == 2


@pytest.mark.parametrize("name", ["serve", "demo", "make"])
def test_no_show_says_what_it_does(name, capsys):
    cli.run([name, "--help"])
    captured = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "--no-show Only say where it is, and do not open it in the browser." in captured


@pytest.mark.parametrize("kilobytes", [400_000, 600_000])
@pytest.mark.parametrize("command", ["train x", "draw x grid", "make x", "score x", "page x", "gather x"])
def test_too_little_address_space_is_one_line(command, kilobytes, tmp_path):
    """Before anything is loaded, for then it would fail in any way."""
    if command == "gather x" and kilobytes > 500_000:
        pytest.skip("gather needs no more")
    limit = f'ulimit -v {kilobytes} && exec "$0" -m chonk "$@"'
    done = subprocess.run(
        ["bash", "-c", limit, sys.executable, *command.split()], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "address space" in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_a_signal_that_comes_while_arguments_are_read_is_no_mistake(monkeypatch):
    def ended(*_, **__):
        sys.exit(128 + signal.SIGTERM)

    monkeypatch.setattr("tyro.cli", ended)
    with pytest.raises(SystemExit) as end:
        cli.run(["demo"])
    assert end.value.code == 143


def fails_with(monkeypatch, error: BaseException) -> int:
    def fail(_settings):
        raise error

    monkeypatch.setattr(
        cli,
        "import_module",
        lambda name: settings if name == "chonk.settings" else type("Module", (), {"demo": staticmethod(fail)}),
    )
    return cli.run(["demo"])


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UserError("x.png: is no picture"), 2, "x.png: is no picture"),
        (ChonkError("the run\nis broken"), 1, "the run is broken"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device", "run/model"), 1, "run/model: the disk is full"),
        (OSError(errno.EADDRINUSE, "Address already in use"), 1, "the port is in use"),
        (PermissionError(errno.EACCES, "Permission denied", "run"), 1, "run: no permission"),
        (MemoryError(), 1, "not enough memory"),
        (RuntimeError("can't start new thread"), 1, "not enough memory"),
        (ImportError("libx.so: failed to map segment from shared object"), 1, "not enough memory"),
        (ZeroDivisionError("division\nby zero"), 1, "please report"),
    ],
)
def test_every_end_is_one_line(monkeypatch, capsys, error, code, words):
    monkeypatch.delenv("CHONK_DEBUG", raising=False)
    assert fails_with(monkeypatch, error) == code
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and words in captured.err


def test_the_traceback_is_there_for_those_who_ask(monkeypatch, capsys):
    monkeypatch.setenv("CHONK_DEBUG", "1")
    assert fails_with(monkeypatch, ZeroDivisionError("by zero")) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_closes_early_gets_no_complaint():
    code = (
        "import sys\nfrom chonk import cli\ncli.overview = lambda: 'x' * 1_000_000\n"
        "sys.argv = ['chonk', '--help']\ncli.main()"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_itself(tmp_path):
    done = subprocess.run(
        [Path(sys.executable).with_name("chonk"), "gather", "missing", "--out", "pictures"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "missing" in done.stderr
    assert not list(tmp_path.iterdir())
    assert json.dumps(done.stdout) == '""'


def test_versions_that_are_too_old_are_named(monkeypatch, capsys):
    monkeypatch.setattr(cli.sys, "version_info", (3, 10, 13))
    assert cli.run(["gather", "x"]) == 1 and "is too old; chonk needs 3.11 or newer" in capsys.readouterr().err
    monkeypatch.undo()
    for found, words in (
        ("2.3.1+cu121", "PyTorch 2.3.1+cu121 is too old; chonk needs 2.4 or newer"),
        ("1.13.0", "too old"),
    ):
        monkeypatch.setattr(requirements, "version", lambda _, found=found: found)
        assert cli.run(["gather", "missing", "--out", "x"]) == 1 and words in capsys.readouterr().err
    for found in ("2.4.0", "2.13.0+cpu", "3.0.0a0"):
        monkeypatch.setattr(requirements, "version", lambda _, found=found: found)
        assert requirements.unsupported() is None


def test_the_oldest_versions_are_those_of_pyproject():
    file = Path(__file__).parent.parent / "pyproject.toml"
    if not file.is_file():
        pytest.skip("chonk is installed without its sources")
    text = file.read_text(encoding="utf-8")
    assert (
        f'requires-python = ">={".".join(map(str, requirements.OLDEST_PYTHON))}"' in text
        and f'"torch>={".".join(map(str, requirements.OLDEST_TORCH))}"' in text
    )


def test_every_option_that_takes_several_values_may_be_given_several_times():
    """Positional arguments have no name to repeat."""
    found = set()
    for kind in vars(settings).values():
        if is_dataclass(kind):
            for name, hint in get_type_hints(kind, include_extras=True).items():
                if re.search(r"tuple\[[^\]]*, \.\.\.\]", str(hint)) and "Positional" not in str(hint):
                    found.add("--" + name.replace("_", "-"))
    assert found - {"--runs"} == set(arguments.SEVERAL)
