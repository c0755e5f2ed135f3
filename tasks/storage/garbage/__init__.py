"""What the store keeps, and what goes."""
