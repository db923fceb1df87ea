"""What every read model is made of: declaration, fold, writing, running, rebuilding, verifying, row security."""
