"""The latent of a mosaic whose logits are nearest to given ones, in the least-squares sense.

    logits_jp(z) = g_j . z_global + l_j . sum_q f_qp z_q

with global and local keys g and l and the field's basis f is linear in z, so the normal equations need sums over
pictures j and over places p only, never a matrix of both.
"""

from __future__ import annotations

import torch

RIDGE = 0.01
"""Added to the diagonal, as a share of its mean."""


def nearest_latent(
    logits: torch.Tensor, global_keys: torch.Tensor, local_keys: torch.Tensor, field: torch.Tensor
) -> torch.Tensor:
    """Logits J x P, keys J x G and J x L, and the field's basis Q x P -> latent of G + L Q numbers."""
    centred = logits - logits.mean(0)  # what all pictures have in common is lost in the softmax
    cross = torch.kron(global_keys.T @ local_keys, field.sum(1)[None])
    gram = torch.cat(
        [
            torch.cat([field.shape[1] * (global_keys.T @ global_keys), cross], 1),
            torch.cat([cross.T, torch.kron(local_keys.T @ local_keys, field @ field.T)], 1),
        ]
    )
    target = torch.cat([global_keys.T @ centred.sum(1), (local_keys.T @ centred @ field.T).flatten()])
    ridge = RIDGE * gram.diagonal().mean().clamp(min=1e-9) * torch.eye(len(gram))
    return torch.linalg.solve(gram + ridge, target)
