"""The images and the composition for production, and the check of both."""
