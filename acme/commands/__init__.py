"""The commands of `acme`, one module for each group: their options, messages and exit codes.

What a command does is elsewhere and imported when it is called, so that `acme ps` does not wait
for what `acme bench` needs.
"""
