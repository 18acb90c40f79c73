"""Exports of trading programs: vnpy, tqsdk."""
