"""The stages, the archive, the tables and the command line."""
