"""The account's system process: what stands for Android's system server (docs/design/android-system.md)."""
