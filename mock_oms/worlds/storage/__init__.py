"""Where worlds are written down: nowhere, or a folder."""
