"""A replayed day on the screen, and as pictures."""
