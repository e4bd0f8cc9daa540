"""A relationship manager's pages: tasks by when they are due, the case, what the customer sees."""
