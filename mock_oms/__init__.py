"""A stateful mock of Akinon's OMS order execution plans."""

__version__ = "0.2.0"
