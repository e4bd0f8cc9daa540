"""Every page in its main states, from invented people: to look at, to photograph, to test."""
