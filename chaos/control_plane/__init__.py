"""The control plane of the faults: what fails, for whom and until when; and its control room."""
