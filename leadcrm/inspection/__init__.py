"""What an uploaded file is and whether it is safe to keep: type, structure, viruses, citizen service numbers.

Not keeping files, and not deciding what happens to them: a plugin that takes files asks here and acts on the verdict.
"""
