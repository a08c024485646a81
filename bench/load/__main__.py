"""`python -m bench.load`."""

from bench.load.command import main

main()
