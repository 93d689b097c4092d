"""Contribute to the tables: a proposed row is read, checked against every table, put in its place, shown as a diff."""
