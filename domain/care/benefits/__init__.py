"""Rules of benefits for one person: who is entitled, to how much, from when, and what may not be paid together."""
