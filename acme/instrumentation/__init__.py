"""One order under each instrumentation, and its traces side by side: `acme instrumentation`."""
