"""What is to be done and was done for a lead: calls, tasks, appointments, today."""
