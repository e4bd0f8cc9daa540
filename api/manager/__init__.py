"""What a relationship manager may do and see."""
