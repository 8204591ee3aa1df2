"""Everything of an installation out of one and into another, whatever their databases and their storage."""
