"""Code-generated talking avatars.

Unit inside the generator: 1 = 10 cm; +Y up, +Z forward, +X = the avatar's left.
"""
