"""Files of the account."""
