"""HTTP: operations as routes, who may call, which host serves what, and errors as problem documents."""
