"""What municipal and provincial platforms get: each by a declaration, in its own shape, way and pace."""
