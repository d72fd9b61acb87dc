"""The books: facts, what they do to the accounts, the journal that records them, the audit. Imports nothing else of bot."""
