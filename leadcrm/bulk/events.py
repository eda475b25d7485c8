"""What other plugins may listen for. The sender is the batch; sent inside the transaction, before the commit."""

from blinker import signal

batch_ended = signal("bulk-batch-ended")  # done, undone, stopped or failed; its results stand
