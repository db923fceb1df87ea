"""Benchmarks: each module's `main(argv)` runs one in pairs with its peer, prints a table and returns its figures."""
