"""The bank rail: accounts, payments, collections, the day's statement. Its book says what was paid, and how often."""
