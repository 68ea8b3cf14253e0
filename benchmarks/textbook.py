"""BEGAN as one would first write it from the paper (arXiv:1703.10717): float32, three passes through D, nothing clever.

What benchmarks/speed.py compares the package's step with.  The nets have the layers of `chonk.nets.began` for the same
n (the paper's, without its optional skip connections and vanishing residuals), so both do the same work."""

from __future__ import annotations

import torch
import torch.nn as nn


def convolutions(inputs: int, outputs: int, count: int = 2, stride: int = 1) -> list[nn.Module]:
    layers = []
    for i in range(count):
        layers += [nn.Conv2d(outputs if i else inputs, outputs, 3, stride, padding=1), nn.ELU()]
    return layers


class Generator(nn.Module):
    """Also D's decoder: N x hidden -> N x 3 x size x size."""

    def __init__(self, n: int, hidden: int = 64, size: int = 64) -> None:
        super().__init__()
        self.n = n
        self.linear = nn.Linear(hidden, n * 8 * 8)
        layers, side = convolutions(n, n), 8
        while side < size:
            layers += [nn.Upsample(scale_factor=2), *convolutions(n, n)]
            side *= 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(n, 3, 3, padding=1), nn.Tanh())

    def forward(self, z):
        return self.layers(self.linear(z).view(-1, self.n, 8, 8))


class Discriminator(nn.Module):
    def __init__(self, n: int, hidden: int = 64, size: int = 64) -> None:
        super().__init__()
        layers, side, width = convolutions(3, n, 1) + convolutions(n, n), size, n
        while side > 8:
            layers += convolutions(width, width + n, 1, stride=2) + convolutions(width + n, width + n)
            side, width = side // 2, width + n
        self.encoder = nn.Sequential(*layers, nn.Flatten(), nn.Linear(width * 8 * 8, hidden))
        self.decoder = Generator(n, hidden, size)

    def forward(self, v):
        return self.decoder(self.encoder(v))


class Began:
    def __init__(
        self,
        n: int,
        size: int = 64,
        gamma: float = 0.5,
        lambda_k: float = 0.001,
        rate: float = 1e-4,
        device: str = "cpu",
    ) -> None:
        self.g, self.d = Generator(n, size=size).to(device), Discriminator(n, size=size).to(device)
        self.g_optimizer = torch.optim.Adam(self.g.parameters(), rate, betas=(0.5, 0.999))
        self.d_optimizer = torch.optim.Adam(self.d.parameters(), rate, betas=(0.5, 0.999))
        self.k, self.gamma, self.lambda_k = 0.0, gamma, lambda_k

    def loss(self, v):
        return (v - self.d(v)).abs().mean()

    def step(self, x: torch.Tensor) -> list[float]:
        """Returns L(x), L(G(z)) and the next k_t."""
        fake = self.g(torch.rand(len(x), 64, device=x.device) * 2 - 1)

        self.d_optimizer.zero_grad()
        loss_real, loss_fake = self.loss(x), self.loss(fake.detach())
        (loss_real - self.k * loss_fake).backward()
        self.d_optimizer.step()

        self.g_optimizer.zero_grad()
        loss_g = self.loss(fake)
        loss_g.backward()
        self.g_optimizer.step()

        balance = self.gamma * loss_real.item() - loss_g.item()
        self.k = min(max(self.k + self.lambda_k * balance, 0.0), 1.0)
        return [loss_real.item(), loss_fake.item(), self.k]
