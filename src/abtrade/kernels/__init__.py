"""A desk's own measures: functions over the day's resolved events."""
