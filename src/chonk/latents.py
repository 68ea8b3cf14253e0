"""Latents that are the same numbers everywhere: in Python, in the browser, on any machine.

A seed names a picture only if every place that reads it draws the same latent, so the random numbers here come from
a 32-bit integer hash that needs nothing but multiplication and shifts (the page has the same ten lines in
TypeScript, and a test compares the two), not from a library's generator.
"""

from __future__ import annotations

import numpy as np

PROJECTION_SEED = 0x63686F6E  # "chon": the matrix is one for all models, so three numbers mean the same on every page

POOL_SEED = 0x706F6F6C  # "pool": whose latents a model's pool numbers
MAX_POOL = 4096

TRIES = 8
"""Latents that are tried for one picture, where a net does not say otherwise (`chonk.nets.base.Generator.tries`)."""
MAX_TRIES = 64
"""No net tries more."""
NEXT_TRY = 1 << 17
"""How many latents further on the next one is."""


def hash32(x: np.ndarray) -> np.ndarray:
    """A bijective mix of 32-bit integers (Wellons' `lowbias32`): every output bit depends on every input bit."""
    x = x.astype(np.uint32, copy=True)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def uniforms(seed: int, count: int, offset: int = 0) -> np.ndarray:
    """`count` float64 numbers strictly inside (0, 1): number i is a hash of (seed, offset + i)."""
    key = hash32(np.array([seed & 0xFFFFFFFF], np.uint32))
    index = np.arange(offset, offset + count, dtype=np.uint32)
    return (hash32(hash32(index ^ key) + key).astype(np.float64) + 0.5) / 2**32


def normals(seed: int, count: int, offset: int = 0) -> np.ndarray:
    """`count` standard normal float64 numbers, number i from uniforms 2i and 2i + 1 (Box and Muller 1958)."""
    u = uniforms(seed, 2 * count, 2 * offset).reshape(-1, 2)
    return np.sqrt(-2 * np.log(u[:, 0])) * np.cos(2 * np.pi * u[:, 1])


def latents(
    seed: int, count: int, dim: int, kind: str = "normal", first: int = 0, pool: tuple[int, ...] = ()
) -> np.ndarray:
    """Latents `first` to `first + count - 1` of a seed, count x dim, float32.

    `kind` is the prior the generator was trained with: "normal" for N(0, 1), "uniform" for [-1, 1].  Latent i does not
    depend on how many are drawn with it.  Where a model has a pool, numbers of latents of POOL_SEED, as many as a power
    of two, the first latents of every seed are those of the pool, in an order of its own."""
    if kind == "uniform":
        values = 2 * uniforms(seed, count * dim, first * dim) - 1
    elif kind == "normal":
        values = normals(seed, count * dim, first * dim)
    else:
        raise ValueError(f"unknown kind of latent {kind!r}: normal or uniform")
    values = values.reshape(count, dim).astype(np.float32)
    for index in range(first, min(first + count, len(pool))):
        number = pool[pooled(seed, index, len(pool))]
        values[index - first] = latents(POOL_SEED, 1, dim, kind, number)[0]
    return values


def pooled(seed: int, index: int, size: int) -> int:
    """Where in a pool, the size of which is a power of two, latent `index` of a seed is: an odd step from a place, both
    the seed's own, meets each once."""
    step, start = hash32(np.array([seed, ~seed & 0xFFFFFFFF], np.uint32)).tolist()
    return (start + index * (step | 1)) & (size - 1)


def resample(index: int, number: int) -> int:
    """The index of the latent of the same seed that is tried as number 1, 2 ... below TRIES where latent `index` gives
    a rejected picture."""
    return index + number * NEXT_TRY


def project(numbers: np.ndarray, dim: int) -> np.ndarray:
    """Three numbers a picture -> a latent each, through one fixed Gaussian matrix: N x 3 -> N x dim, float32.

    With numbers near (0, 0, 0) the latent is near the middle of the prior; large ones leave it, and colours go wild.
    Column k of the matrix is normals 3k to 3k + 2 of its seed, so a matrix for fewer dimensions is the start of one for
    more."""
    matrix = normals(PROJECTION_SEED, 3 * dim).reshape(dim, 3)
    return (np.asarray(numbers, np.float64).reshape(-1, 3) @ matrix.T).astype(np.float32)


def blend(corners: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Four corner latents (top left, top right, bottom left, bottom right; 4 x dim) -> rows x columns x dim.

    As on the 2018 page: the left and right edges are blended linearly, then each row."""
    top_left, top_right, bottom_left, bottom_right = np.asarray(corners, np.float32)
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    across = np.linspace(0, 1, columns, dtype=np.float32)[None, :, None]
    left = (1 - down) * top_left + down * bottom_left
    right = (1 - down) * top_right + down * bottom_right
    return (1 - across) * left[:, None] + across * right[:, None]
