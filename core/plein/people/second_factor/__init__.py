"""The second factor: codes of an app, passkeys and recovery codes, and who must have one.

Read ``models``, then ``duty`` (who must), ``codes``, ``passkeys`` and ``recovery`` (what proves it), ``pending``
(between the password and the second factor), and the views.
"""
