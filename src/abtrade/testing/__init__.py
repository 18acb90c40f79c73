"""Rules tested by small days beside them."""
