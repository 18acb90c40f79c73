"""FIX drop copies: execution reports read as the events of a log."""
