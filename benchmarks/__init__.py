"""What makes the claims of speed true: `python -m benchmarks --help`."""
