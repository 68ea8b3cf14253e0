"""A small verdict for use while training."""
from __future__ import annotations

import torch

from chonk.judge import halves, novelty
from chonk.judge.features import features
from chonk.judge.sharpness import Curves


def cheap(real: torch.Tensor, fake: torch.Tensor, most: int = 150) -> dict[str, float]:
    """A few figures in a second or two, for use during training: bytes N x C x S x S each, at most `most` of each looked at,
    except that copies are looked for among all of `real`.

    kid (0 = as good as real; lower is better), density and coverage (1 = as good as real), spread (1 = as varied as
    real, 0 = collapsed), duplicates and copies (shares of the results), softness (pixels of blur).  A pure function;
    noisier than `chonk.judge.verdict`."""
    training = real
    real, fake = (x[:: max(1, len(x) // most)][:most] for x in (real, fake))
    count = min(len(real), len(fake))
    seen, looks = halves.ruler(*(features(x[:count]) for x in (real, fake))), [novelty.looks(x[:count]) for x in (real, fake)]
    figures = {name: m.function(*(seen if m.on == "features" else looks)) for name, m in halves.MEASURES.items()
               if name in ("kid", "density", "coverage", "spread", "duplicates")}
    few = {"zooms": (1.0,), "shifts": ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))}
    unit = novelty.usual_gap(novelty.nearest_training(training, training, same=True, **few))
    figures["copies"] = novelty.copies(novelty.nearest_training(fake, training, **few).gap, unit)
    figures["softness"] = Curves(real[:40]).softness(fake[:40])
    return figures
