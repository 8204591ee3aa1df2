"""What is said of a recording: by its file's name, and by the rows of CSVs."""
