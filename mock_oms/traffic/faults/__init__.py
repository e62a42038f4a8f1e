"""Faults and limits: what decides which request meets which fault, and what a fault makes of an answer."""
