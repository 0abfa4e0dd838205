"""A simulated carrier: numbers, messages and calls between handsets whose modems speak AT commands.

It stands where a real one would: ModemManager opens a modem's socket and finds a phone's modem there. Standard
library only. See docs/design/carrier.md.
"""
