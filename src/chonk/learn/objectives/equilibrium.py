"""The balance between BEGAN's players: k_t, which holds it, and M, which says how the game goes.

    k_{t+1} = clip(k_t + lambda_k (gamma L(x) - L(G(z))), 0, 1)     k_0 = 0
    M = L(x) + |gamma L(x) - L(G(z))|

Sections 3.4 and 3.5 of Berthelot, Schumm and Metz 2017, arXiv:1703.10717.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chonk.learn.objectives.began import Settings

STUCK = 0.25
"""Share of the training that k_t may stand at 0 or 1 before somebody should know."""
MIN_STEPS = 20
"""Steps whose mean of M says anything: a training too short for that keeps its learning rate."""


def next_k(k: float, loss_real: float, loss_fake: float, gamma: float, lambda_k: float) -> float:
    """k_{t+1} = clip(k_t + lambda_k (gamma L(x) - L(G(z))), 0, 1): proportional control of the balance.  Section
    3.4."""
    return min(max(k + lambda_k * (gamma * loss_real - loss_fake), 0.0), 1.0)


def convergence(loss_real: float, loss_fake: float, gamma: float) -> float:
    """M = L(x) + |gamma L(x) - L(G(z))|.  Equation 7."""
    return loss_real + abs(gamma * loss_real - loss_fake)


class Equilibrium:
    """Follows k_t and M through a training.  What it remembers stands in `numbers`, the objective's own."""

    def __init__(self, settings: Settings, numbers: dict[str, float | int]) -> None:
        self.settings, self.numbers = settings, numbers
        numbers |= {
            "k": 0.0,
            "window": 0,
            "m_sum": 0.0,
            "m_count": 0,
            "m_best": 1e9,
            "m_last": 0.0,
            "progress": 0.0,
            "k_free": 0.0,
            "best_at": 0.0,
        }

    def update(self, loss_real: float, loss_fake: float, progress: float) -> float:
        """Moves k_t after a step with these losses; returns M."""
        s, n = self.settings, self.numbers
        n["k"] = min(next_k(n["k"], loss_real, loss_fake, s.gamma, s.lambda_k), s.k_max)
        n["k_free"] = progress if 0 < n["k"] < s.k_max else n["k_free"]
        return convergence(loss_real, loss_fake, s.gamma)

    def has_stalled(self, m: float, progress: float) -> bool:
        """Whether the mean of M over the share `stall` of the training that ends here is no lower than the best
        before."""
        s, n = self.settings, self.numbers
        stalled = False
        if s.stall and int(progress / s.stall) > n["window"] and n["m_count"] >= MIN_STEPS:
            mean = n["m_sum"] / n["m_count"]
            stalled = mean >= n["m_best"]
            n["best_at"] = n["best_at"] if stalled else progress
            n.update(window=int(progress / s.stall), m_sum=0.0, m_count=0, m_best=min(mean, n["m_best"]), m_last=mean)
        n["m_sum"] += m
        n["m_count"] += 1
        return stalled

    def concern(self) -> str | None:
        """What is going wrong with the balance and what to try, in a sentence; None while it goes well."""
        n = self.numbers
        if n["progress"] - n["k_free"] > STUCK:
            way = (
                "the generator does not keep up: try a higher gamma or fewer d_filters"
                if n["k"] == 0
                else "the discriminator does not keep up: try a lower gamma or more d_filters"
            )
            return f"k_t stands at {n['k']:g} since {n['k_free']:.0%} of the training, {way}"
        if n["m_last"] > 1.5 * n["m_best"]:
            return (
                f"M rose from {n['m_best']:.3f} at {n['best_at']:.0%} of the training to {n['m_last']:.3f}: the two "
                f"players have lost their balance; try a smaller learning_rate"
            )
        return None
