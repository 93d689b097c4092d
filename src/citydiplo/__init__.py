"""citydiplo: a research kit on French city diplomacy."""
