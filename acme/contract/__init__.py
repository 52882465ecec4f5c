"""`acme contract`: whether a program can stand in for a service, in sentences."""
