"""Thresholds and exemptions answered again out of what scans wrote, without a log."""
