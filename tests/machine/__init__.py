"""Tests of the concrete machine."""
