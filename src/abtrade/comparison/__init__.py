"""Out of the ordinary: parts of what all did, and of one's own last days."""
