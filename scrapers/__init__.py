"""From a source's declaration to captures and articles. Never sees spaCy."""
