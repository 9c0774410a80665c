"""What is watched: rules for Prometheus, as files."""
