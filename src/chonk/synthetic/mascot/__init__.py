"""The built-in character, drawn by code from independent factors, so that `chonk` works without data."""

from __future__ import annotations

from chonk.synthetic.mascot.factors import FACTORS, Truth, random_truth, truths
from chonk.synthetic.mascot.figure import draw, svg
from chonk.synthetic.mascot.folder import load_truths, make_folder

__all__ = ["FACTORS", "Truth", "draw", "load_truths", "make_folder", "random_truth", "svg", "truths"]
