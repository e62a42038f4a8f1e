"""The Flask app: the vendor's API as Django REST framework answers it, and the mock's own control API."""
