"""Fields that a company adds to its leads, with a type, checks and facts."""
