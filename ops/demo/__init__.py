"""A town to try the service in: its people speak to the public API only, and its calendar jumps."""
