"""The ASGI application around the Flask app, where faults are performed and requests are written down."""
