"""The explorer: what is chosen, what is shown of it, the code that gives the same, and what is taken away from it."""
