"""Today, the calendar, and what is planned for a lead."""
