"""Red flags, always on: what raises them, what they say, and which measures they hold.

No plugin, option or failure removes, delays or rewords one; nothing here asks any of them.
"""
