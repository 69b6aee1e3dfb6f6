"""A house style: all of it is in ``static/theme.css``, which Plein finds by its name."""
