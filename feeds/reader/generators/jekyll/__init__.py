"""Jekyll blogs: what a post is, and its tags."""

from feeds.reader.generators.jekyll.blog import Jekyll

__all__ = ["Jekyll"]
