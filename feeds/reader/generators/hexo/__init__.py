"""Hexo blogs: what a post is, and its tags."""

from feeds.reader.generators.hexo.blog import Hexo

__all__ = ["Hexo"]
