"""Shared ground of the rooms: ffmpeg, probing, raw audio and frames, worker processes."""
