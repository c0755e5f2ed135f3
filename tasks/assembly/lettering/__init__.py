"""Words on the film: type, line breaks, and masks of letters with the shade that carries them."""
