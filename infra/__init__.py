"""How we speak to machines: settings, Temporal, object storage, keys, languages, logs. No lending words here."""
