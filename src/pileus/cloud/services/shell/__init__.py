"""The shell's own records: the home screen and the settings that follow their owner."""
