"""Log files in, good rows out: a source per format, a mapping, and every row check."""
