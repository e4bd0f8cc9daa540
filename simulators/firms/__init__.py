"""The firms themselves: what they are, how they fare, the bills they can show, the money they take in."""
