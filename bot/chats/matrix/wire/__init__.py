"""The wire to a homeserver: what arrives, what is sent, enciphered where the room is. The client library stays in here.

``wire.Wire`` sends; ``listener.Listener`` brings batches of ``events``; ``progress.Kept`` says where it has got to. What
is sent is known by a token of its sender's, so that a send tried again is one message.
"""
