"""The engine that runs Android apps on a Java virtual machine, one sandboxed process an app."""
