"""Dumps of CTP's structures: orders, trades and order actions as a counter or an API tells them."""
