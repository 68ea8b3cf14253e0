"""The settings of every command: one frozen dataclass each, which tyro turns into the command line.

Nothing heavy is imported here: `chonk --help` reads these files and answers at once."""

from chonk.settings.drawing import Arithmetic, Corners, Draw, Film, Grid, Hunt, Pack, Samples, Stickers, Walk
from chonk.settings.showing import Demo, Page, Score, Serve
from chonk.settings.training import DEFAULT_OBJECTIVE, Gather, Make, Train, Tune

__all__ = [
    "DEFAULT_OBJECTIVE",
    "Arithmetic",
    "Corners",
    "Demo",
    "Draw",
    "Film",
    "Gather",
    "Grid",
    "Hunt",
    "Make",
    "Pack",
    "Page",
    "Samples",
    "Score",
    "Serve",
    "Stickers",
    "Train",
    "Tune",
    "Walk",
]
