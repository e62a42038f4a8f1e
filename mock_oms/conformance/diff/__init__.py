"""Two OMS side by side: what each was seen to answer, and in what they differ."""
