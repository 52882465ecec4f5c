"""Where users are kept, and how their passwords are."""
