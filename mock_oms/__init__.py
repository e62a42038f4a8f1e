"""A stateful mock of Akinon's OMS order execution plans."""
