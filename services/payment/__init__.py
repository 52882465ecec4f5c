"""Payment: charges cards, each order once. It keeps its ledger as documents."""
