"""What holds of a market on a day: its contracts and their facts."""
