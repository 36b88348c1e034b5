"""Hugo blogs."""
