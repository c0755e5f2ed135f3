"""One renderer a file or folder; `tasks.rendering.renderer` knows them by name."""
