"""The figures and tables of the notebooks: a study and a language in, captioned HTML out.

Analysis is in the modules that these call, drawing in `citydiplo.charts`; here are the words around them.
"""
