"""What draws: the pages of the control room, and reports. Values in, text and shapes out."""
