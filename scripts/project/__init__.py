"""Sets up a machine for the project and runs its commands: standard library only."""
