"""Formulas: found in Markdown, and written as MathML, HTML, plain text and images."""
