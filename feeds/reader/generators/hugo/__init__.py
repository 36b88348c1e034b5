"""Hugo blogs: what a post is, and its tags."""

from feeds.reader.generators.hugo.blog import Hugo

__all__ = ["Hugo"]
