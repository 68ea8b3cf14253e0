"""The nets of a model's folder, which may come from a stranger: nothing is allocated, let alone run, before it fits."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file

from chonk import formats
from chonk.errors import UserError
from chonk.files import utf8_path
from chonk.model_files import ModelConfig, find_weights, finisher_file
from chonk.nets import MAX_VALUES, MAX_WORK, build_generator, without_memory, work_and_values
from chonk.nets.base import Generator
from chonk.nets.finisher import Finisher, load_finisher


def read_nets(folder: Path, config: ModelConfig) -> tuple[Generator, Finisher | None]:
    """The generator, and the finishing stage where it has one of its own.

    Raises UserError where they cannot be read or do not fit the settings.  The generator is first built without memory,
    so that a stranger's settings allocate nothing before they fit the weights that are really there."""
    try:
        with without_memory():
            generator = build(config)
        work, values = work_and_values(generator.state_dict(), config.size)
        if work > MAX_WORK or values > MAX_VALUES:
            raise ValueError(f"a picture would take {work:.0g} multiplications and layers of {values:.0g} numbers")
        with utf8_path(find_weights(folder, config)) as file:
            weights = formats.weights(load_file(file), config.net, config.format)
        for name, wanted in generator.state_dict().items():
            if name in weights and (weights[name].dtype != wanted.dtype or not weights[name].isfinite().all()):
                raise ValueError(f"{name} is no {str(wanted.dtype).removeprefix('torch.')} or holds no numbers")
        # Copied: where a file's numbers lie in memory depends on the length of its header, and the last bits of what is
        # computed with them depend on that.
        generator.load_state_dict({name: value.clone() for name, value in weights.items()}, assign=True)
        finisher = finisher_file(folder, config)
        return generator, None if finisher is None else load_finisher(finisher)
    except OSError as error:
        raise UserError(f"{folder}: its weights cannot be read ({error.strerror or error})") from error
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(
            f"{folder}: the weights do not fit the settings ({str(error).splitlines()[0]:.200}); a model that another "
            f"version of chonk made needs that version"
        ) from error


def build(config: ModelConfig) -> Generator:
    """The generator that a config describes, with fresh weights."""
    options = {"size": config.size, "channels": config.channels, "latent_dim": config.latent_dim}
    return build_generator(config.net, **options, **config.options)
