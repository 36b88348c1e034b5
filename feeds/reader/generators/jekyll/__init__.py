"""Jekyll blogs."""
