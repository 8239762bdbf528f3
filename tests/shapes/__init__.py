"""What machines read: asked for, and compared with what it was."""
