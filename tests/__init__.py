"""Tests: run `pytest` in the project folder."""
