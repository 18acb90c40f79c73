"""Merged positions: what accounts hold through the day, and limits on it."""
