"""The engine of tests and benches: a real child process that draws a deterministic pattern."""
