"""The services behind the gateway, and the only parts of them it knows."""
