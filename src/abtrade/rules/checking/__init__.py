"""Checks on whole rules: between versions, between rules, against facts, and on a given log."""
