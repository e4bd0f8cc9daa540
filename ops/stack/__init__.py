"""The whole system on one machine: servers from wheels and our own processes, started, watched, stopped together."""
