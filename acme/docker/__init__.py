"""The shop in containers: is it well, and how does it get into a room without internet."""
