"""A stateful mock of Akinon's OMS order execution plans."""

__version__ = "0.1.0"
