"""The shell around the pages: sign-in, navigation, how things look."""
