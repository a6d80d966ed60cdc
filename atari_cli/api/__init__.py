"""The commands as functions: one for each command whose work takes several folders.

`atari_cli` exports them, together with those that live in a single folder.
"""
