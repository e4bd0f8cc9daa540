"""What an owner of a small firm may do and see."""
