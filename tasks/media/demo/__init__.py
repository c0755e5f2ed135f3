"""The instruments, the score and the mixing desk behind the demo song."""
