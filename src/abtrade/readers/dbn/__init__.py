"""Databento's files of market by order, read as the events of a log."""
