"""The control API: worlds, time, commands and events, for tests and for people."""
