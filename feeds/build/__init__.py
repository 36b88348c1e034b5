"""A site becomes files: planned, rendered, written, and kept for the next build."""
