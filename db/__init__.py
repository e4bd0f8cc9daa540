"""What is stored and how it is found. Stores and finds; decides nothing."""
