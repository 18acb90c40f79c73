"""An explained alert as one page of HTML that needs nothing else."""
