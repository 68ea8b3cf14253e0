"""`python -m chonk`: the same as `chonk`."""

from chonk.cli import main

main()
