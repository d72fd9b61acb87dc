"""Matrix: rooms, reactions and edits above; below, in ``wire``, the only place that knows the Matrix client."""
