"""What goes on in the control plane over time: its state, runs of scenarios."""
