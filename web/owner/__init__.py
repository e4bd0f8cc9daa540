"""An owner's pages: routes that call the uses, and the dress of what the uses give back."""
