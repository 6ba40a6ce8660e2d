"""From an article's text to facts. Never sees HTML, HTTP or files other than its own lookups and rules."""
