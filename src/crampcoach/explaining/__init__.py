"""Causes and measures explained: what an explainer is, how its text reads, and what a person's entries say to it."""
