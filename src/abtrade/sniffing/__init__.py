"""What a file seems to be, told from its beginning."""
