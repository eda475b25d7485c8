"""What other plugins may listen for. The sender is the row; sent inside the transaction, before the commit."""

from blinker import signal

called = signal("followup-called")  # a Call; lead, by: the viewer
task_done = signal("followup-task-done")  # a Task; by
appointment_planned = signal("followup-appointment-planned")  # an Appointment; by
appointment_held = signal("followup-appointment-held")  # an Appointment; by
appointment_missed = signal("followup-appointment-missed")  # an Appointment that became a no-show; by
appointment_cancelled = signal("followup-appointment-cancelled")  # an Appointment; by
