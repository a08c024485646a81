"""Hearing where the known phones are: PocketSphinx's acoustic model, aligned while the audio streams in."""
