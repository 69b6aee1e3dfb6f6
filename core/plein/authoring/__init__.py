"""For who makes plugins: a plugin to begin with, the rules that hold for every plugin, and how Plein looks."""
