"""The desk's pages and the door of all staff."""
