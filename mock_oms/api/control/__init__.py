"""The control API under `/_mock`: worlds, time, commands, events, faults and the journal, for tests and for people."""
