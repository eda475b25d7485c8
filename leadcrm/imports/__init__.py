"""Import: a file becomes leads, with a preview, errors to mend, duplicates to judge and an undo. Not: other intake."""
