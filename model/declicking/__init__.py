"""Impulses found and rebuilt: what is looked at, what is decided, and what is done."""
