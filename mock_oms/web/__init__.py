"""The Flask app: the vendor's API as Django REST framework would answer it, and the mock's own control API."""
