"""The order book as a table: best prices and depth after each row of a contract."""
