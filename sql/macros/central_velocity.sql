-- macro:      central_velocity
-- what:       the rate of change at the middle of three samples, which may be unevenly spaced in time: the slope of
--             the parabola through them
-- parameters: before, here, after: values; t_before, t_here, t_after: their times in seconds
-- unit:       that of the values, per second; NULL if a value is missing or times are equal
-- source:     Lagrange interpolation; second order for uneven times

CREATE OR REPLACE MACRO central_velocity(before, here, after, t_before, t_here, t_after) AS
    (here - before) / nullif(t_here - t_before, 0) * (t_after - t_here) / nullif(t_after - t_before, 0)
    + (after - here) / nullif(t_after - t_here, 0) * (t_here - t_before) / nullif(t_after - t_before, 0);
