"""Who is asking: sessions, sign-in of owners and of staff, limits on knocking."""
