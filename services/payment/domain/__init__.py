"""The rules of payment: which cards are taken, and what an entry of the ledger may become."""
