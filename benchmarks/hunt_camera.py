"""A camera for `benchmarks/hunt.py`, written apart from the one that the recognizer is trained with: rays, surfaces,
lamps.

Every pixel's ray is cut with the sheet or the mug on which a sticker is; behind it is a photograph.  Lambert and
Blinn-Phong shading by one lamp, an exposure of several moments (hand and focus blur of a real aperture), photon
noise, 4:2:0 JPEG.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 320, 240
FOCUS = 1.15 * HEIGHT
"""Focal length in pixels: a phone's main camera, held upright or not."""
MARGIN = 0.14
"""White paper around the sticker, in halves of its side."""


def photographs() -> list[np.ndarray]:
    """Photographs that scikit-image, scikit-learn and Matplotlib bring with them, where they are installed."""
    found = []
    for module, folder, names in (
        (
            "skimage",
            "data",
            (
                "astronaut.png",
                "chelsea.png",
                "coffee.png",
                "rocket.jpg",
                "motorcycle_left.png",
                "brick.png",
                "grass.png",
                "gravel.png",
            ),
        ),
        ("sklearn", "datasets/images", ("china.jpg", "flower.jpg")),
        ("matplotlib", "mpl-data/sample_data", ("grace_hopper.jpg",)),
    ):
        try:
            import importlib.util

            spec = importlib.util.find_spec(module)
        except ImportError:
            spec = None
        for name in names if spec and spec.origin else ():
            file = Path(spec.origin).parent / folder / name
            if file.is_file():
                found.append(np.asarray(Image.open(file).convert("RGB")))
    if not found:
        raise SystemExit("no photographs: pip install scikit-image scikit-learn matplotlib")
    return found


@dataclass(frozen=True)
class Scene:
    """What one view is like.  Angles in degrees; `size` is the sticker's side as a share of the picture's height."""

    size: float = 0.45
    tilt: float = 15.0
    towards: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    """Where its middle is, from -1 to 1 across the picture."""
    mug: bool = False
    cover: float = 0.0
    """Share of the sticker under something."""
    lamp: tuple[float, float, float] = (0.5, -1.0, -1.5)
    light: float = 1.0
    warmth: float = 0.0
    gloss: float = 0.0
    shadow: float = 0.0
    blur: float = 0.0
    """Diameter of the circle of confusion, pixels of 320."""
    shake: float = 0.6
    """Movement within one exposure, pixels."""
    noise: float = 0.01
    quality: int = 80
    screen: bool = False
    cover_side: float = 0.0
    seed: int = 0
    paper: tuple[float, float, float] = field(default=(0.93, 0.92, 0.9))


def turned(scene: Scene) -> np.ndarray:
    a, b, c = np.radians([scene.towards, scene.tilt, scene.roll - scene.towards])

    def about(angle: float, axis: int) -> np.ndarray:
        matrix, (i, j) = np.eye(3), [k for k in range(3) if k != axis]
        matrix[i, i] = matrix[j, j] = np.cos(angle)
        matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
        return matrix

    return about(a, 2) @ about(b, 0) @ about(c, 2)


def look(scene: Scene, sticker: np.ndarray | None, photo: np.ndarray, moment: int) -> np.ndarray:
    """One frame, HEIGHT x WIDTH x 3 bytes.  `sticker` is straight RGBA, `photo` any picture; `moment` moves the hand a
    little."""
    return sensed(exposed(scene, sticker, photo, moment), scene, moment)


def exposed(scene: Scene, sticker: np.ndarray | None, photo: np.ndarray, moment: int) -> np.ndarray:
    """The light that comes to the sensor."""
    random = np.random.default_rng((scene.seed, moment))
    sway = np.cumsum(np.random.default_rng((scene.seed, 7)).normal(0, 0.004, (moment + 1, 4)), 0)[-1]
    frame = behind(scene, photo, sway)
    if sticker is not None:
        step = random.normal(0, 1, 4) * np.array([1, 1, 0, 0]) * scene.shake / 160
        parts = (-0.5, -0.17, 0.17, 0.5) if scene.shake > 1.5 else (0.0,)
        frame = np.mean([laid(frame, scene, sticker, sway + step * part) for part in parts], 0)
    return disc(frame, scene.blur / 2) if scene.blur > 0.3 else frame


def sensed(light: np.ndarray, scene: Scene, moment: int) -> np.ndarray:
    """What the camera makes of it: exposure, noise, gamma, JPEG."""
    random = np.random.default_rng((scene.seed, moment, 1))
    frame = np.clip(light * scene.light * np.array([1 + scene.warmth, 1.0, 1 - scene.warmth]), 0, 1)
    frame = frame + random.standard_normal(frame.shape, np.float32) * np.sqrt(
        scene.noise**2 + scene.noise * 0.06 * frame
    )
    data = io.BytesIO()
    image = Image.fromarray(np.rint(255 * np.clip(frame, 0, 1) ** (1 / 2.2)).astype(np.uint8))
    image.save(data, "JPEG", quality=scene.quality, subsampling=2)
    return np.asarray(Image.open(data))


def behind(scene: Scene, photo: np.ndarray, sway: np.ndarray) -> np.ndarray:
    """The photograph as the room behind, linear light."""
    random = np.random.default_rng((scene.seed, 3))
    tall, wide = photo.shape[:2]
    zoom = random.uniform(0.5, 0.95) * min(tall / HEIGHT, wide / WIDTH)
    w, h = zoom * WIDTH, zoom * HEIGHT
    left = np.clip(random.uniform(0, wide - w) + sway[0] * w, 0, wide - w)
    top = np.clip(random.uniform(0, tall - h) + sway[1] * h, 0, tall - h)
    image = Image.fromarray(photo).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, (left, top, left + w, top + h))
    return (np.asarray(image, np.float32) / 255) ** 2.2


def laid(frame: np.ndarray, scene: Scene, sticker: np.ndarray, sway: np.ndarray) -> np.ndarray:
    """The frame with the sticker's sheet in it, twice as fine as the pixels and averaged."""
    axes = turned(scene).astype(np.float32)
    depth = 2.0 * FOCUS / (scene.size * HEIGHT)
    middle = depth * np.array([(scene.x + sway[0]) * WIDTH / 2 / FOCUS, (scene.y + sway[1]) * HEIGHT / 2 / FOCUS, 1])
    middle[2] *= 1 + sway[2]
    middle = middle.astype(np.float32)
    reach = (1 + MARGIN) * 1.5 * FOCUS / (depth - 1.0 if depth > 2.2 else depth * 0.6)
    cx, cy = middle[0] / middle[2] * FOCUS + WIDTH / 2, middle[1] / middle[2] * FOCUS + HEIGHT / 2
    x0, x1 = int(max(0, cx - reach)), int(min(WIDTH, cx + reach + 1))
    y0, y1 = int(max(0, cy - reach)), int(min(HEIGHT, cy + reach + 1))
    if x0 >= x1 or y0 >= y1:
        return frame
    fine = 2 if scene.size < 0.5 else 1
    ys, xs = np.meshgrid(
        (np.arange((y1 - y0) * fine) + 0.5) / fine + y0, (np.arange((x1 - x0) * fine) + 0.5) / fine + x0, indexing="ij"
    )
    rays = np.stack([(xs - WIDTH / 2) / FOCUS, (ys - HEIGHT / 2) / FOCUS, np.ones_like(xs)], -1).astype(np.float32)
    if scene.mug:
        u, v, point, normal = on_mug(rays, axes, middle)
    else:
        normal = np.broadcast_to(axes[:, 2], rays.shape)
        along = (middle @ axes[:, 2]) / np.where(np.abs(rays @ axes[:, 2]) < 1e-6, 1e-6, rays @ axes[:, 2])
        point = rays * along[..., None]
        u, v = (point - middle) @ axes[:, 0], (point - middle) @ axes[:, 1]
        u = np.where(along > 0, u, 9.0)
    side = sticker.shape[0]
    texel = np.clip(((np.stack([u, v], -1) + 1) / 2 * side - 0.5), 0, side - 1.001)
    base, share = texel.astype(int), texel % 1
    picture = sticker.astype(np.float32) / 255
    picture = np.concatenate([picture[..., :3] ** 2.2 * picture[..., 3:], picture[..., 3:]], 2)
    i, j, a, b = base[..., 1], base[..., 0], share[..., 1:], share[..., :1]
    ink = (1 - a) * ((1 - b) * picture[i, j] + b * picture[i, j + 1]) + a * (
        (1 - b) * picture[i + 1, j] + b * picture[i + 1, j + 1]
    )
    ink *= ((np.abs(u) < 1) & (np.abs(v) < 1))[..., None]
    surface = ink[..., :3] + (1 - ink[..., 3:]) * np.array(scene.paper, np.float32) ** 2.2
    shade = lit(scene, point, normal, u, v)
    surface = surface * (1.0 if scene.screen else shade[0])[..., None] if not scene.screen else surface * 1.1
    surface = surface + shade[1][..., None]
    if scene.screen:
        surface = surface * (
            1 + 0.1 * np.sin(u * 70 + np.array([0, 1, 2])[:, None, None]).transpose(1, 2, 0) * np.sin(v * 64)[..., None]
        )
    on = (np.abs(u) < 1 + MARGIN) & (np.abs(v) < 1 + MARGIN)
    if scene.cover:
        turn = np.radians(scene.cover_side)
        edge = u * np.cos(turn) + v * np.sin(turn) > 1 - 2 * scene.cover
        surface = np.where(edge[..., None], np.array([0.35, 0.2, 0.14]) * shade[0][..., None], surface)
    cut = (
        np.concatenate([surface * on[..., None], on[..., None]], 2)
        .reshape(y1 - y0, fine, x1 - x0, fine, 4)
        .mean((1, 3))
    )
    result = frame.copy()
    result[y0:y1, x0:x1] = frame[y0:y1, x0:x1] * (1 - cut[..., 3:]) + cut[..., :3]
    return result


def on_mug(rays: np.ndarray, axes: np.ndarray, middle: np.ndarray, radius: float = 1.6) -> tuple[np.ndarray, ...]:
    """Where rays meet a cylinder whose front holds the sticker: places on the sticker, points, normals."""
    inward = axes[:, 2]
    centre, long = middle + radius * inward, axes[:, 1]
    d, o = rays - (rays @ long)[..., None] * long, -centre + (centre @ long) * long
    a, b, c = (d * d).sum(-1), d @ o, o @ o - radius**2
    under = b * b - a * c
    along = (-b - np.sqrt(np.maximum(under, 0))) / a
    point = rays * along[..., None]
    out = point - centre - ((point - centre) @ long)[..., None] * long
    turn = np.arctan2(out @ axes[:, 0], -(out @ inward))
    return np.where(under > 0, turn * radius, 9.0), (point - middle) @ long, point, -out / radius


def lit(
    scene: Scene, point: np.ndarray, normal: np.ndarray, u: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Diffuse and mirrored light of the lamp at every point."""
    lamp = np.array(scene.lamp) * 4 + np.array([0, 0, point[..., 2].mean()])
    to = lamp - point
    to /= np.linalg.norm(to, axis=-1, keepdims=True)
    front = np.abs((to * normal).sum(-1))
    halfway = to - point / np.linalg.norm(point, axis=-1, keepdims=True)
    halfway /= np.linalg.norm(halfway, axis=-1, keepdims=True)
    mirrored = scene.gloss * np.abs((halfway * normal).sum(-1)) ** 60
    dark = 1 - scene.shadow / (1 + np.exp(-12 * np.clip(0.8 * u + 0.6 * v - 0.1, -5, 5)))
    return (0.35 + 0.75 * front) * dark, mirrored * dark


def disc(frame: np.ndarray, radius: float) -> np.ndarray:
    """Out of focus: the mean over a disc."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    weight = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    padded = np.pad(frame, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    total = sum(
        weight[i, j] * padded[i : i + frame.shape[0], j : j + frame.shape[1]]
        for i in range(len(weight))
        for j in range(len(weight))
        if weight[i, j]
    )
    return total / weight.sum()


def random_scene(seed: int, **fixed) -> Scene:
    """A view as people have them: 20 to 90 % of the height, up to 45 degrees from the front, any usual light."""
    r = np.random.default_rng((seed, 11))
    scene = Scene(
        size=float(np.exp(r.uniform(np.log(0.2), np.log(0.9)))),
        tilt=float(abs(r.normal(0, 20))),
        towards=float(r.uniform(0, 360)),
        roll=float(r.normal(0, 14)),
        x=float(r.uniform(-0.4, 0.4)),
        y=float(r.uniform(-0.3, 0.3)),
        mug=bool(r.random() < 0.12),
        cover=float(r.choice([0, 0, 0, r.uniform(0, 0.25)])),
        cover_side=float(r.uniform(0, 360)),
        light=float(np.exp(r.normal(-0.2, 0.35))),
        warmth=float(r.normal(0, 0.12)),
        gloss=float(r.choice([0, 0, 0.6])),
        shadow=float(r.choice([0, 0, 0.6])),
        blur=float(abs(r.normal(0, 1.2))),
        noise=float(abs(r.normal(0, 0.012))),
        quality=int(r.integers(35, 92)),
        screen=bool(r.random() < 0.2),
        seed=seed,
        lamp=tuple(r.normal(0, 1, 3) * [1, 1, 0.3] + [0, -0.6, -1.6]),
        paper=tuple(r.uniform(0.82, 0.97) + r.normal(0, 0.02, 3)),
    )
    return replace(scene, **fixed)
