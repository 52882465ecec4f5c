"""Auth: who is calling? It keeps the sessions of those who are logged in, in Redis; everybody else
is the guest.
"""
