"""Wake-ups from the broker: five lines each, safe to deliver twice."""
