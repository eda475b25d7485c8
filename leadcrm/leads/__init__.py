"""Leads: households that want a mortgage, their income and obligations, their owner and their progress. Not: documents, mail."""
