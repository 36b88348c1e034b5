"""Feeds and a weekly mail from a folder of Markdown reviews."""

__version__ = "0.1.0"
