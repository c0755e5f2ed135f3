"""The warm worker: a Prefect worker whose engine processes stay, and their models with them."""
