"""What real Android packages do on Pileus: `make android-compat` writes docs/android-compat.md.

`fixtures` says which packages and fetches them, `trial` uses one activity, `campaign` all of them, `page` and
`sheets` write what was found. Findings are kept in build/compat, so that a part can be tried again alone.
"""
