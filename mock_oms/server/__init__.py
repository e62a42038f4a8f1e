"""A real server: settings in; a listening socket, a log and a banner out."""
