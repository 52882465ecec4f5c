"""What a person runs: the command line `acme`, and one service by itself."""
