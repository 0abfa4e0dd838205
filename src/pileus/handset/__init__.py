"""The daemon of a handset: the modem, the network, the battery and the rest of a phone's body, for its shell."""
