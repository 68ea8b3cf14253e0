"""Named settings: the paper's, those of the three models that the 2018 page published, and what a search found."""

from __future__ import annotations

from chonk.errors import UserError, did_you_mean
from chonk.settings import DEFAULT_OBJECTIVE

_PLAIN = dict(start="noise", patch=1, warmup=0.0, cover=0.0, mean_shift=0.0, muon=False, annealed=False)
"""The games as published: none of what makes them quick (docs/began.md)."""
_BEGAN = _PLAIN | dict(stall=0.1, lambda_k=0.001, k_max=1.0, vanishing=True)
_SMALL = _PLAIN | dict(filters=16, d_filters=16)
_2018 = _BEGAN | dict(variant="2018", latent_dim=100, hidden=100, batch=16, layers=4, d_filters=64, batch_norm=True)

PRESETS: dict[str, tuple[str, dict]] = {
    "began-noise": ("began", dict(start="noise", edges=1.0)),
    "ebgan-noise": ("ebgan", _SMALL | dict(margin=0.2, learning_rate=5e-4)),
    "wgan-noise": ("wgan", _SMALL | dict(critic_steps=5, learning_rate=2e-4, decay=0.995)),
    "began-paper": (
        "began",
        _BEGAN
        | dict(
            variant="paper",
            latent_dim=64,
            hidden=64,
            filters=64,
            d_filters=64,
            learning_rate=1e-4,
            gamma=0.5,
            skip=True,
        ),
    ),
    "began-2018-1": ("began", _2018 | dict(filters=64, separable=True, d_layers=4, gamma=0.8, learning_rate=1e-3)),
    "began-2018-2": ("began", _2018 | dict(filters=16, d_layers=3, gamma=0.7, learning_rate=5e-4)),
    "began-2018-3": ("began", _2018 | dict(filters=64, separable=True, d_layers=4, gamma=0.7, learning_rate=5e-4)),
    "began-tuned": ("began", _BEGAN | dict(latent_dim=64, filters=16, d_filters=32, gamma=0.9, learning_rate=1e-3)),
}
"""name -> (objective, settings that differ from its defaults).  `began-noise` is the default without its head start;
`ebgan-noise` and `wgan-noise` play the published games, with nets that fit a CPU.  The learning rates of 2018's models
2 and 3 were not published; 5e-4 is the middle one of the three that its author tried.  `began-tuned` is the best of
`chonk tune` on the built-in character (docs/experiments/)."""


def find_preset(name: str | None, objective: str) -> tuple[str, dict]:
    """The objective to train and its preset settings.  A preset brings its own objective along; raises UserError for
    an unknown preset and for one of another objective than was asked for."""
    if name is None:
        return objective, {}
    if name not in PRESETS:
        raise UserError(f"--preset {name}: unknown{did_you_mean(name, PRESETS)}; choose one of {', '.join(PRESETS)}")
    owner, values = PRESETS[name]
    if objective not in (DEFAULT_OBJECTIVE, owner):
        raise UserError(f"--preset {name} belongs to --objective {owner}, not to {objective}; leave one of the two out")
    return owner, values
