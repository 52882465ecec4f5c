"""What services answer one another, each shape declared once: a route declares it as its return
type, so that OpenAPI names it, and the caller's client parses it. No logic is in here.
"""
