"""Fixtures live beside what they make: databases, transcripts."""

pytest_plugins = ["tests.databases", "tests.synapse", "tests.transcripts", "tests.rush"]
