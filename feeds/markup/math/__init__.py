"""Formulas: found in Markdown, and written as MathML, HTML, plain text and images."""

__all__ = ["Refused"]


class Refused(Exception):  # not an error: an answer
    """A formula that is not converted, with the reason in the words of a message to its author."""
