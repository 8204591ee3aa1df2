"""The door of the dashboard: who may come in, and the few pages that stand before it."""
