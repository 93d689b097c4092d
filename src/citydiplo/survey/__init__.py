"""The survey of the 2021 study: its printed figures, audited."""
