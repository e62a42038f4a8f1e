"""A small real project of Django REST framework, to compare the mock with."""
