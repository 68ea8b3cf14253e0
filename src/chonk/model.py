"""A finished generator: latents in, pictures out, and how it is kept on disk."""
from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from chonk import latents
from chonk.errors import UserError
from chonk.find import Found, find
from chonk.nets import GENERATORS, build_generator

FORMAT = 1
MAX_SIZE, MAX_LATENT = 1024, 4096


@dataclass(frozen=True)
class ModelConfig:
    """What config.json beside the weights holds."""

    net: str
    """Name of the generator in `chonk.nets.GENERATORS`."""
    size: int
    """Side of the pictures in pixels."""
    channels: int
    """3 for colour, 4 for colour and alpha (see `compose`)."""
    latent_dim: int
    """How many numbers make a picture."""
    latent_kind: str = "normal"
    """The prior: "normal" for N(0, 1), "uniform" for [-1, 1]."""
    options: dict = field(default_factory=dict)
    """The generator's own settings."""
    title: str = "chonk"
    """What the model is called on the page."""
    truncation: float = 1.0
    """Scale of the latents at which it draws best; what `sample` uses when not told otherwise."""
    training: dict = field(default_factory=dict)
    """Where it came from: objective, preset, seed, pictures shown, minutes, version.  For people; nothing depends on it."""
    format: int = FORMAT


def compose(values: np.ndarray, background: tuple[int, int, int] | None = None) -> np.ndarray:
    """A generator's output, N x C x H x W in [-1, 1], as bytes N x H x W x 3 or 4.

    The first three channels are the picture as it looks on white; the fourth, if there is one, is alpha.  So colour can
    be shown without knowing about alpha, and any other ground is white less what shines through:
    on_ground = on_white - (1 - alpha) (1 - ground).  Four channels and no `background` gives straight RGBA."""
    unit = np.clip((np.asarray(values, np.float64) + 1) / 2, 0, 1).transpose(0, 2, 3, 1)
    if unit.shape[3] == 3:
        return np.rint(unit * 255).astype(np.uint8)
    on_white, alpha = unit[..., :3], unit[..., 3:]
    if background is not None:
        ground = np.asarray(background, np.float64) / 255
        return np.rint(np.clip(on_white - (1 - alpha) * (1 - ground), 0, 1) * 255).astype(np.uint8)
    straight = np.where(alpha > 1 / 510, (on_white - (1 - alpha)) / np.maximum(alpha, 1 / 510), 1.0)
    return np.rint(np.concatenate([np.clip(straight, 0, 1), alpha], 3) * 255).astype(np.uint8)


class Model:
    """A generator with its settings.

    `model(z)` maps latents (N x latent_dim, array or tensor) to N x C x size x size in [-1, 1]; everything else is
    made of that."""

    def __init__(self, generator: nn.Module, config: ModelConfig) -> None:
        self.generator = generator.eval().requires_grad_(False)
        self.config = config

    @classmethod
    def build(cls, config: ModelConfig) -> Model:
        """The net that a config describes, with fresh weights."""
        return cls(build_generator(config.net, size=config.size, channels=config.channels,
                                   latent_dim=config.latent_dim, **config.options), config)

    @torch.inference_mode()
    def __call__(self, z: np.ndarray | torch.Tensor, batch: int = 64) -> np.ndarray:
        """Latents N x latent_dim -> float32 N x C x size x size in [-1, 1]."""
        z = torch.as_tensor(np.asarray(z, np.float32))
        if z.ndim != 2 or z.shape[1] != self.config.latent_dim:
            raise ValueError(f"latents must be N x {self.config.latent_dim}, not {' x '.join(map(str, z.shape))}")
        return torch.cat([self.generator(part) for part in z.split(batch)]).float().numpy()

    def latents(self, seed: int, count: int, truncation: float | None = None, first: int = 0) -> np.ndarray:
        """The latents that `sample` draws for a seed: count x latent_dim, from the prior times `truncation`."""
        scale = self.config.truncation if truncation is None else truncation
        return scale * latents.latents(seed, count, self.config.latent_dim, self.config.latent_kind, first)

    def draw(self, z: np.ndarray, background: tuple[int, int, int] | None = None) -> list[Image.Image]:
        """Latents -> Pillow pictures, RGB, or RGBA where the model has alpha and no background is given."""
        return [Image.fromarray(pixels) for pixels in compose(self(z), background)]

    def sample(self, count: int, seed: int = 0, truncation: float | None = None) -> Pictures:
        """`count` random pictures.  The same seed gives the same pictures on every machine and on the page."""
        return Pictures(self.draw(self.latents(seed, count, truncation)))

    def corners(self, corners: np.ndarray, rows: int = 5, columns: int = 5) -> Pictures:
        """The blend between four latents (4 x latent_dim, or 4 x 3 numbers for `latents.project`), row by row."""
        grid = latents.blend(self._full(corners), rows, columns)
        return Pictures(self.draw(grid.reshape(rows * columns, -1)), columns)

    def arithmetic(self, base: np.ndarray, minus: np.ndarray, plus: np.ndarray) -> Pictures:
        """base - minus + plus, as [base, minus, plus, result]; each a latent or three numbers."""
        terms = self._full(np.stack([base, minus, plus]))
        return Pictures(self.draw(np.concatenate([terms, [terms[0] - terms[1] + terms[2]]])), 4)

    def find(self, picture: Image.Image, **settings) -> Found:
        """The latent that draws a picture, and how close it comes; `settings` as `chonk.find.find` has them."""
        return find(self, picture, **settings)

    def _full(self, z: np.ndarray) -> np.ndarray:
        z = np.asarray(z, np.float32)
        return latents.project(z, self.config.latent_dim) if z.shape[-1] == 3 != self.config.latent_dim else z

    def save(self, folder: Path | str) -> None:
        """Writes config.json and model.safetensors into the folder, made if it is missing; each is there whole or not at all."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: value.contiguous().cpu() for name, value in self.generator.state_dict().items()}
        save_file(state, folder / "model.safetensors.part")
        (folder / "model.safetensors.part").replace(folder / "model.safetensors")
        (folder / "config.json.part").write_text(json.dumps(dataclasses.asdict(self.config), indent=1) + "\n")
        (folder / "config.json.part").replace(folder / "config.json")

    save_pretrained = save

    @classmethod
    def from_pretrained(cls, name: Path | str, revision: str | None = None) -> Model:
        """A model from a folder, as `load`, or else from the Hugging Face Hub by its name there (pip install 'chonk[hub]')."""
        if Path(name).exists():
            return load(name)
        from huggingface_hub import snapshot_download
        return load(snapshot_download(str(name), revision=revision, allow_patterns=["config.json", "model.safetensors"]))


class Pictures(list):
    """A list of Pillow pictures that shows itself as a grid in a notebook."""

    def __init__(self, pictures: list[Image.Image], columns: int | None = None) -> None:
        super().__init__(pictures)
        self.columns = columns or max(1, round(len(pictures) ** 0.5))

    def grid(self, gap: int = 2, scale: int = 1) -> Image.Image:
        """All pictures on one sheet, row by row."""
        width, height = self[0].size
        rows = -(-len(self) // self.columns)
        sheet = Image.new(self[0].mode, (self.columns * (width + gap) - gap, rows * (height + gap) - gap),
                          (255, 255, 255, 0)[:len(self[0].getbands())])
        for i, picture in enumerate(self):
            sheet.paste(picture, (i % self.columns * (width + gap), i // self.columns * (height + gap)))
        return sheet.resize((sheet.width * scale, sheet.height * scale), Image.Resampling.NEAREST) if scale > 1 else sheet

    def _repr_png_(self) -> bytes:
        return self.grid(scale=2)._repr_png_()


def model_folder(path: Path | str) -> Path:
    """The folder that holds config.json and model.safetensors, for a path to it, to its run or to what `make` left."""
    path = Path(path)
    for folder in (path, path / "model", path / "run" / "model"):
        if (folder / "model.safetensors").is_file() and (folder / "config.json").is_file():
            return folder
    if not path.exists():
        raise UserError(f"{path}: no such folder")
    raise UserError(f"{path}: holds no model (model.safetensors and config.json); train one with: chonk train PICTURES --out {path}")


def read_config(file: Path) -> ModelConfig:
    """A model's config.json, checked: it may come from a stranger."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        if raw.get("format") != FORMAT:
            raise UserError(f"{file}: format {raw.get('format')!r} is not known to this version; install a newer chonk")
        config = ModelConfig(**raw)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{file}: not a model's settings ({error})") from error
    if config.net not in GENERATORS:
        raise UserError(f"{file}: unknown net {config.net!r}; known are {', '.join(GENERATORS)}")
    numbers = ((config.size, MAX_SIZE), (config.latent_dim, MAX_LATENT))
    if not all(type(n) is int and 1 <= n <= most for n, most in numbers) or config.channels not in (3, 4) \
            or config.latent_kind not in ("normal", "uniform") or not isinstance(config.options, dict):
        raise UserError(f"{file}: size, channels, latent_dim, latent_kind or options out of range")
    return config


def load(path: Path | str) -> Model:
    """A model from its folder, its run folder or the folder that `chonk make` left.

    Raises UserError where there is none or it cannot be read; never runs code from the files."""
    folder = model_folder(path)
    config = read_config(folder / "config.json")
    try:
        model = Model.build(config)
        model.generator.load_state_dict(load_file(folder / "model.safetensors"))
    except (SafetensorError, RuntimeError, TypeError, ValueError, OSError) as error:
        raise UserError(f"{folder}: the weights do not fit the settings ({str(error).splitlines()[0]})") from error
    return model
