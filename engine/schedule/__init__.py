"""When things are due. `daily` is pure: wall-clock times in a zone, once for each local date, also over changes of the clock."""
