"""Foreign files into the kit's tables: one module a format, and what they share."""
