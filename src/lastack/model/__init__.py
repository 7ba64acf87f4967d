"""What was read, and what follows from it: census, sample, model. No I/O."""
