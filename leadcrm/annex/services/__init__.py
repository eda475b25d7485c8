"""Measuring, judging, keeping versions, writing them down."""
