"""Every request passes here: the ASGI application that performs traffic around the Flask app."""
