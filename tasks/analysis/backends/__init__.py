"""One beat tracker a file; `tasks.analysis.tracker` knows them by name."""
