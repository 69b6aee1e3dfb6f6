"""Plein, a self-hosted social intranet: people, permissions and content, with every function a plugin."""

__version__ = "1.0.0"
