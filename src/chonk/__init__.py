"""From a folder of pictures of one character to a small generator, an honest verdict and a page that runs it.

import chonk
model = chonk.load("my-stickers.chonk")
model.sample(25, seed=1, truncation=0.7)
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Model", "__version__", "load"]


def __getattr__(name: str):
    """`chonk.load` and `chonk.Model` on first use: importing torch takes seconds, and `chonk --help` does not need
    it."""
    if name in ("load", "Model"):
        from chonk import model

        return getattr(model, name)
    raise AttributeError(f"module 'chonk' has no attribute {name!r}")
