"""At which side a set is learned where nobody says it: 64 pixels, or 128 where pictures and time allow for it.

Results leave at 512 pixels either way: those of 64 are finished (`chonk.finish`), and what 64 pixels do not hold, as
fur and small faces, is not in them (docs/experiments/2026-11-29-finishing.md)."""

from __future__ import annotations

from chonk.ingest.originals import fills

SMALL, LARGE = 64, 128
MAX_PICTURES = 200
"""Of 128 x 128 the default recipe remembers about so many; of 64 x 64 twice as many."""
MIN_MINUTES = 60.0
"""Results of 128 are finer even after a quarter of an hour (docs/experiments/2026-11-29-finishing.md), but calibration,
verdict and every picture that a visitor's page draws take three to four times as long: who gives little time wants
things soon."""


def choose_resolution(taken: list[dict], minutes: float) -> tuple[int, str]:
    """The side for a set that is trained for so long, and why; `taken` are the entries of gather.json.

    Pixel art is as large as it was drawn.  Pictures of unknown side are the built-in character's, which has any."""
    sides = sorted(row.get("side", LARGE) for row in taken)
    middle = sides[len(sides) // 2]
    if 2 * sum(row.get("pixel_art", False) for row in taken) > len(taken):
        size = SMALL if middle <= SMALL else LARGE
        return size, f"most of the pictures are pixel art, about {middle} drawn pixels wide"
    if not fills(middle, LARGE):
        return SMALL, f"most of the pictures are only about {middle} pixels wide"
    if len(taken) > MAX_PICTURES:
        return (
            SMALL,
            f"a model of {LARGE} x {LARGE} remembers about {MAX_PICTURES} of your {len(taken):,} pictures",
        )
    if minutes < MIN_MINUTES:
        return SMALL, f"{minutes:g} min is short for {LARGE} x {LARGE}"
    return LARGE, f"the pictures are large enough, and {minutes:g} minutes suffice for {len(taken)} of them"
