"""Whoever reads what a command says may go away, cannot show it, or was never there: the work is done all the same."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chonk.play.site import SITE
from training import TINY, make_pictures

CHONK = [sys.executable, "-m", "chonk"]


@pytest.fixture
def train(tmp_path):
    """The arguments of a training of a second, and the file that it leaves in the end."""
    pictures = make_pictures(tmp_path / "pictures")
    return [
        *CHONK,
        "train",
        str(pictures),
        "--out",
        str(tmp_path / "run"),
        "--objective",
        "began",
        "--kimg",
        "0.04",
        "--threads",
        "1",
        "--set",
        *TINY,
    ], tmp_path / "run" / "samples.png"


def test_a_reader_that_has_seen_enough(train):
    """chonk train ... 2>&1 | head -1"""
    command, made = train
    reading, writing = os.pipe()
    with subprocess.Popen(command, stdout=writing, stderr=writing) as process:
        os.close(writing)
        os.close(reading)
    assert process.returncode == 0 and made.is_file()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(train, closed):
    """What is opened then must not take their place: nothing that is said may end up in a file of the run."""
    command, made = train
    done = subprocess.run(["bash", "-c", f'"$@" {closed}', "bash", *command], capture_output=True, text=True)
    assert (done.returncode, made.is_file()) == (0, True) and "mistake" not in done.stderr
    assert not [
        file
        for file in made.parent.rglob("*")
        if file.is_file() and file.suffix != ".safetensors" and b"is finished" in file.read_bytes()
    ]


def test_a_terminal_that_is_closed(train):
    """The process that holds a terminal gets SIGHUP when that goes, and its writes fail from then on."""
    command, made = train
    child, terminal = pty.fork()
    if not child:
        os.execv(command[0], command)
    output = os.read(terminal, 1)  # it has begun
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert output and os.waitstatus_to_exitcode(status) == 0 and made.is_file()


@contextmanager
def demo_in(folder: Path, hangup: signal.Handlers = signal.SIG_DFL) -> Iterator[subprocess.Popen]:
    """A demo whose temporary folder lies in this one, and whose address has been printed."""
    if not (SITE / "index.html").is_file():
        pytest.skip("the page is not built: pip install -e . builds it")
    with subprocess.Popen(
        [*CHONK, "demo", "--port", "0"],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, hangup),  # a test may run under nohup itself
    ) as process:
        try:
            assert process.stdout.readline().startswith(b"http://127.0.0.1:")
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_ended_leaves_nothing(tmp_path, number):
    """By a shutdown, or by a closed terminal."""
    with demo_in(tmp_path) as process:
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert process.wait(60) == 128 + number and not list(tmp_path.iterdir())


def test_a_demo_removes_what_a_killed_one_left_and_nothing_else(tmp_path):
    (tmp_path / "chonk-demo").mkdir()
    (tmp_path / ".chonk-demo.own").touch()
    with demo_in(tmp_path) as running, demo_in(tmp_path) as killed:
        killed.kill()
        killed.wait()
        assert len(list(tmp_path.iterdir())) == 4
        with demo_in(tmp_path) as another:
            assert len(list(tmp_path.iterdir())) == 4, "the killed one's is gone, the running one's is not"
            another.terminate()
            another.wait(60)
        running.terminate()
        running.wait(60)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".chonk-demo.own", "chonk-demo"]


def test_under_nohup_a_server_outlives_its_terminal(tmp_path):
    with demo_in(tmp_path, signal.SIG_IGN) as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)


def test_words_that_the_terminal_cannot_show(train, tmp_path):
    """A name in Chinese on an ASCII terminal, in a folder whose name is no text at all."""
    command, _ = train
    out = os.path.join(os.fsencode(tmp_path), b"caf\xe9-\xff", os.fsencode("猫"))
    done = subprocess.run(
        [out if part == str(tmp_path / "run") else os.fsencode(part) for part in command],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert b"caf\\udce9-\\udcff/\\u732b" in done.stdout


def test_a_full_disk_under_the_output_is_told(tmp_path):
    """The work is done, and whoever waits for the output hears that it is lost."""
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([*CHONK, "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "disk is full" in done.stderr


def test_a_reader_that_is_slow(tmp_path):
    """A pipe that its other end made non-blocking: everything arrives."""
    code = (
        "import sys; from chonk import cli; cli.overview = lambda: 'x' * 1_000_000; sys.argv[1:] = ['-h']; cli.main()"
    )
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        time.sleep(0.3)
        with open(reading, "rb") as pipe:
            assert len(pipe.read()) == 1_000_001
    assert process.returncode == 0
