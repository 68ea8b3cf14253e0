"""Sets of convolutions, of which the networks of BEGAN are made (`chonk.nets.began`)."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets.enlarged import convolve_enlarged


def activate(x: torch.Tensor, name: str) -> torch.Tensor:
    """ "elu" (the paper) or "leaky_relu" with slope 0.2 (2018)."""
    return F.elu(x, inplace=True) if name == "elu" else F.leaky_relu(x, 0.2, inplace=True)


def initialise(net: nn.Module) -> None:
    """Weights that shrink what passes through a little (Glorot and Bengio 2010, times 0.8), and biases of 0.

    An untrained generator then draws a calm grey, which the discriminator's first lessons reach sooner than loud
    noise."""
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_normal_(module.weight, gain=0.8)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class Layer(nn.Module):
    """3x3 convolution, batch normalisation if wanted, activation: N x inputs x H x W -> N x outputs x H/stride x
    W/stride.

    `separable` filters each channel on its own and mixes them with a 1x1 convolution: about nine times fewer
    weights."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: str,
        separable: bool = False,
        batch_norm: bool = False,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.conv: nn.Sequential | nn.Conv2d
        if separable:
            self.conv = nn.Sequential(
                nn.Conv2d(inputs, inputs, 3, stride, padding=1, groups=inputs, bias=False),
                nn.Conv2d(inputs, outputs, 1, bias=not batch_norm),
            )
        else:
            self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=not batch_norm)
        self.norm = nn.BatchNorm2d(outputs) if batch_norm else None

    def forward(self, x: torch.Tensor, enlarge: bool = False) -> torch.Tensor:
        """`enlarge` doubles the side of x first."""
        x = convolve_enlarged(x, self.conv) if enlarge else self.conv(x)
        if self.norm is not None:
            x = self.norm(x)
        return activate(x, self.activation)


class LayerSet(nn.Module):
    """Layers of one width in a row, with vanishing residuals between them if wanted (section 3.6.1).

    From the second layer on h = carry * h_prev + (1 - carry) * layer(h_prev).  `carry` starts at 1, so that a deep net
    begins as a shallow one, and goes to 0 during training (`set_carry`).  Both factors are buffers: saved with the
    weights, constants for whoever exports the net."""

    carry: torch.Tensor
    fresh: torch.Tensor

    def __init__(self, inputs: int, width: int, layers: int, vanishing: bool, **options) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(width if i else inputs, width, **options) for i in range(layers))
        self.vanishing = vanishing
        if vanishing:
            self.register_buffer("carry", torch.ones(()))
            self.register_buffer("fresh", torch.zeros(()))

    def forward(self, h: torch.Tensor, enlarge: bool = False) -> torch.Tensor:
        for i, layer in enumerate(self.layers):
            h = h * self.carry + layer(h) * self.fresh if i and self.vanishing else layer(h, enlarge and i == 0)
        return h


def set_carry(net: nn.Module, carry: float) -> None:
    """Sets every vanishing residual of a net: 1 passes the input on, 0 is a plain chain of layers."""
    for module in net.modules():
        if isinstance(module, LayerSet) and module.vanishing:
            module.carry.fill_(carry)
            module.fresh.fill_(1 - carry)
