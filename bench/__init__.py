"""The benchmark of extraction: `python -m bench`, or `make bench`."""
