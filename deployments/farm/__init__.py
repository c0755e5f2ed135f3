"""The farm on this machine: database, server, workers and studio as detached processes."""
