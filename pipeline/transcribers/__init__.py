"""Sound becomes text: one module a provider, behind one contract."""
