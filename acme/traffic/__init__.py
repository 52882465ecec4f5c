"""Made-up people click through the shop: `acme traffic`."""
