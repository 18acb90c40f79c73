"""Where a scan's outputs go: one output a file."""
