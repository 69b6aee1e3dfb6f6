"""A house style: all of it is in ``static/theme.css``, which Plein finds by its name."""

title = "House style"
summary = "Colours, letters and a mark of the invented municipality of Weidemeer"
