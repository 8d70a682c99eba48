"""How things are kept: the last of a kind in memory, and with `--state` everything in a file."""
