"""Wi-Fi, hotspot and mobile data of the handset."""
