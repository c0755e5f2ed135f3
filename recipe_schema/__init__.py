"""The words that rooms speak to each other: frozen pydantic models and nothing else."""
