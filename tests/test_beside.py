"""A command in a process of its own: what it says is said, what ends it is told, and it does not stay."""

from __future__ import annotations

import os
import signal

import pytest

from chonk.beside import Beside
from chonk.errors import ChonkError, UserError


def test_what_it_says_is_said_when_it_is_waited_for(capsys):
    with Beside("--version", threads=1) as beside:
        beside.process.wait()
        assert capsys.readouterr() == ("", "")
        beside.wait()
    assert capsys.readouterr().out.startswith("chonk 0.")


def test_its_mistake_is_ours(tmp_path):
    with Beside("page", tmp_path / "nowhere", f"--out={tmp_path / 'page'}", threads=1) as beside:
        with pytest.raises(UserError, match="nowhere") as error:
            beside.wait()
    assert not str(error.value).startswith("chonk:")


def test_it_is_said_that_it_was_killed():
    with Beside("demo", "--port=0", threads=1) as beside:
        os.kill(beside.process.pid, signal.SIGKILL)
        with pytest.raises(ChonkError, match=r"chonk demo: its process was killed \(signal 9\)"):
            beside.wait()


def test_it_does_not_outlive_what_it_was_made_for():
    with pytest.raises(KeyboardInterrupt), Beside("demo", "--port=0", threads=1) as beside:
        raise KeyboardInterrupt
    assert beside.process.returncode == -signal.SIGKILL
