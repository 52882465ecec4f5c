"""What payment answers: over HTTP, over gRPC where that is wanted, and the same in both."""
