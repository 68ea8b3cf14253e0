"""A second opinion on features that others' networks learned from photographs, in the field's own units (FID, KID).

Nothing of it is used unless it is asked for: torch-fidelity, an extra, brings the networks and downloads their weights
at first use.  The numbers are not those of papers with tens of thousands of pictures: with so few, read them beside
`real`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import torch

from chonk.errors import ChonkError, UserError
from chonk.judge import halves, quality, variety
from chonk.judge.halves import Measure

EXTRACTORS = {"inception": ("inception-v3-compat", "2048"), "dinov2": ("dinov2-vit-b-14", "dinov2")}
"""What --features takes: torch-fidelity's names of the network and of the features asked of it."""
MEASURES = {
    "fid": Measure(quality.frechet, higher=False),
    "kid": Measure(lambda real, fake: 1000 * quality.kid(real, fake), higher=False),
    "precision": Measure(quality.precision, higher=True),
    "density": Measure(quality.density, higher=True),
    "recall": Measure(variety.recall, higher=True),
    "coverage": Measure(variety.coverage, higher=True),
}
NAMES = {
    "fid": "Fréchet distance",
    "kid": "kernel distance in thousandths",
    "precision": "share of results near a real picture",
    "density": "real pictures that a result is near to, over its fair share",
    "recall": "share of real pictures near a result",
    "coverage": "share of real pictures with a result close by",
}
BATCH = 32


def extractor(name: str) -> Callable[[torch.Tensor], np.ndarray]:
    """Bytes N x C x S x S -> features N x D.  Downloads weights where torch-fidelity has not got them yet.

    Raises UserError for an unknown name and where the extra is not installed, ChonkError where there are no weights."""
    if name not in EXTRACTORS:
        raise UserError(f"--features {name}: unknown; choose one of {', '.join(EXTRACTORS)}")
    network, wanted = EXTRACTORS[name]
    try:
        from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY
        from torch_fidelity.utils import create_feature_extractor
    except ImportError as error:
        raise UserError(
            f"--features {name}: needs torch-fidelity ({error}); install it with: pip install 'chonk[fidelity]'"
        ) from error
    if network not in FEATURE_EXTRACTORS_REGISTRY:
        raise UserError(f"--features {name}: the installed torch-fidelity does not have {network}; install a newer one")
    try:
        net = create_feature_extractor(network, [wanted], cuda=False, verbose=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise ChonkError(
            f"--features {name}: its weights cannot be had ({' '.join(str(error).split())[:120]}); "
            "they are downloaded at first use, so be online once, or leave --features out"
        ) from error

    @torch.inference_mode()
    def extract(pixels: torch.Tensor) -> np.ndarray:
        return torch.cat([net(part[:, :3].contiguous())[0] for part in pixels.split(BATCH)]).double().numpy()

    return extract


def second_opinion(name: str, real: torch.Tensor, fake: torch.Tensor, seed: int = 0) -> dict:
    """What score.json holds under `second`: the features' name and figures as the verdict's, on these features."""
    extract = extractor(name)
    figures = halves.compare(
        {"features": extract(real)}, {"features": extract(fake)}, seed, measures=MEASURES, scaled=False
    )
    return {
        "features": " ".join(EXTRACTORS[name]),
        "figures": {
            label: asdict(figure)
            | {
                "sentence": f"{NAMES[label].capitalize()}: {figure.value:.3g}; other real pictures get "
                f"{figure.real:.3g}."
            }
            for label, figure in figures.items()
        },
    }
