"""Microsoft's change notifications: what we asked to be told, what came, what was missed."""
