"""Auth: who is asking? Without a login everybody is the guest. It keeps nothing."""
