"""Hexo blogs."""
