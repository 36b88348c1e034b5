"""One package for each generator whose blogs are read as they are, and the engine that reads their tags."""
