"""Made-up trading days: a market, its crowd, planted offences, and the truth about them."""
