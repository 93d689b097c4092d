"""JupyterLab on the notebooks, for one or for several at once, and what git makes of notebooks."""
