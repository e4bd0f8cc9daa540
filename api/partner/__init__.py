"""Partners' systems: what their door has to offer."""
