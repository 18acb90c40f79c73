"""Replaying a day: one contract's book, a subject's orders in it, and how its counts stood."""
