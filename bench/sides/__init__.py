"""The sides of the comparison: each counts the same log, as well as it can be told to."""
