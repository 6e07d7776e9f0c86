-- macro:      central_velocity
-- what:       rate of change at the middle of three samples whose times need not be even: the slope of the parabola
--             through them
-- parameters: before, here, after: values; t_before, t_here, t_after: their times in seconds
-- unit:       that of the values, a second; NULL if one of them is missing or times are equal
-- source:     Lagrange interpolation; second order on uneven times

CREATE OR REPLACE MACRO central_velocity(before, here, after, t_before, t_here, t_after) AS
    (here - before) / nullif(t_here - t_before, 0) * (t_after - t_here) / nullif(t_after - t_before, 0)
    + (after - here) / nullif(t_after - t_here, 0) * (t_here - t_before) / nullif(t_after - t_before, 0);
