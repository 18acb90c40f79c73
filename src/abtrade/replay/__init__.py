"""Replaying a trading day: one contract's book, a subject's orders in it, and how the counts stood."""
