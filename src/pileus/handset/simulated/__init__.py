"""A handset without hardware: stand-ins of the capabilities, in process and without any bus.

`pileus handset --simulated` takes them in place of those of their names; a capability that has none (telephony,
storage) stays the real one. Each fills the shape of its capability's state and has its methods; most have one
more, `simulate`, by which a demo or a test makes things happen. Nothing is kept over a restart.
"""
