"""The pages that every content type has: show, write, history, lists and files."""
