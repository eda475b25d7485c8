"""What other plugins may listen for. The sender is the document; sent inside the transaction, before the commit."""

from blinker import signal

document_arrived = signal("document-arrived")  # also with a newer version; in quarantine
document_checked = signal("document-checked")  # its state says how that ended
