"""Bursts: seconds in which somebody sends many messages."""
