"""Settings of every test run."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: on tiny nets threads only get in each other's way
os.environ.setdefault(
    "CUDA_VISIBLE_DEVICES", ""
)  # bit for bit is for CPUs; CUDA_VISIBLE_DEVICES=0 pytest tests/test_devices.py tries a GPU
