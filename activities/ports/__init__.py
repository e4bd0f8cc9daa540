"""What workflows may ask of the world: the names of the activities and the small values that cross the wire.

Wire types are frozen, hold ids and small scalars only, and only ever grow (new fields have defaults).
"""
