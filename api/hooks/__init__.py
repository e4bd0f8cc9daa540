"""What comes in from machines: verified over the raw bytes, stored before it is answered, applied afterwards."""
