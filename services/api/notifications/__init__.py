"""`/api/ms365`: what Microsoft tells us, and what we asked it to tell."""
