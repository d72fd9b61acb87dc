"""The tests mirror the program; conversations are transcripts."""
