"""The command line of the shop: `acme up`, `faults`, `scenario`, `traffic`, `audit` and more."""
