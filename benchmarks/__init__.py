"""How fast it is: the same plans, brought up and down in several ways, side by side.

`make bench` measures into `results.json` and renders `docs/benchmarks.md` and its charts from that.
"""
