"""The workshop: makes clean music dirty on purpose, measures real records, trains and exports."""
