"""Orders: answers for every order, and asks shipping where it is. It keeps orders as documents."""
