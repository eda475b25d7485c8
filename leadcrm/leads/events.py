"""What other plugins may listen for. The sender is the lead; sent inside the transaction, before the commit."""

from blinker import signal

lead_created = signal("lead-created")
lead_assigned = signal("lead-assigned")  # previous: the owner's id before, or None; by: the viewer
stage_changed = signal("lead-stage-changed")  # previous: the stage before; by: the viewer

# Many at once: sent once for some hundreds, instead of lead_assigned for each. The sender is the id of the batch.
leads_assigned = signal("leads-assigned")  # moves: sequence of services.many.Moved; by: the viewer
