"""What makes the next build of a site short: nothing of it is ever believed about a file that changed.

`fingerprint` knows files again, `uptodate` says whether anything changed at all, `incremental` keeps posts, texts and
finished tasks, `store` is the SQLite file they lie in.
"""
