"""The desk: the book, its proof, the closes, what is stuck, the clock."""
