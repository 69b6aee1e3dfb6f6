"""People and groups from elsewhere: one engine for CSV files and for the sources of plugins."""
