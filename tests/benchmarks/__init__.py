"""Benchmarks: programs that print ratios against baselines measured in the same run. None of them is a test."""
