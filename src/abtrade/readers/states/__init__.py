"""Rows that tell how orders stand, and the events they come to."""
