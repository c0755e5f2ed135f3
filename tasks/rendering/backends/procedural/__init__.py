"""Pictures computed from the song: themes, their shared kit, and the renderer that runs them."""
