"""The panel on a lead, the list, the page of a document, and files on their way in and out."""
