"""The parts of a rule that tests can touch."""
