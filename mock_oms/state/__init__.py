"""The store in a folder: worlds that outlive the process."""
