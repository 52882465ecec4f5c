"""The shipped scenarios, one YAML file each with its debrief, and the check that they work."""
