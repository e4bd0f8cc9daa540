"""Data sets in the layouts that ``huoshui score`` reads, as rows of features with outcomes."""
