"""What the district does: aggregates, events, commands and rules. No I/O, no clock, no async."""
