"""Apps of an account: installing, opening and removing them."""
