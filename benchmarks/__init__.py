"""What docs/benchmarks.md is made from: one run, durability on, ratios side by side."""
