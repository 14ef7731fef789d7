"""Prices and limits: what a call may cost at worst, what it did cost, what is still free."""
