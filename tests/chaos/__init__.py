"""Messages in and out while everything that can die dies: `python -m tests.chaos --faults 60 --seed 7`."""
