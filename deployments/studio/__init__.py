"""The studio: films behind signed links, and notifications about them."""
