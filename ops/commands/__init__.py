"""One module per subcommand of ``huoshui``; imported only when called."""
