-- macro:      value_between
-- what:       the value at a time between two samples, on the straight line through them
-- parameters: before, after: values; t_before, t_after: their times in seconds; t: the time, in seconds
-- unit:       that of the values; the value before if there is no value after
-- source:     linear interpolation

CREATE OR REPLACE MACRO value_between(before, after, t_before, t_after, t) AS
    before + coalesce((after - before) * (t - t_before) / nullif(t_after - t_before, 0), 0);
