"""What can be done with many leads: which actions there are, how a selection becomes a batch, how a batch runs."""
