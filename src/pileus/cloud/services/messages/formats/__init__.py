"""Files of messages from elsewhere, read piece by piece: each format a module, `reader` chooses one."""
