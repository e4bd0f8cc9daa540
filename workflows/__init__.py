"""The story of an application, a payout, a loan and a business day, in order. What can fail outside is an activity."""
