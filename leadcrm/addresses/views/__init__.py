"""Pages of the lists, and the gate that every request passes."""
