"""Several folders kept in step with one account by the real `pileus.sdk.sync`: docs/design/sync.md."""
