"""Entries from other programs' files and into them: what a format is, and its files read and written whole."""
