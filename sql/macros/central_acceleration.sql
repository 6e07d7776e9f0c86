-- macro:      central_acceleration
-- what:       the second derivative at the middle of three samples, which may be unevenly spaced in time: the second
--             derivative of the parabola through them
-- parameters: before, here, after: values; t_before, t_here, t_after: their times in seconds
-- unit:       that of the values, per second squared; NULL if a value is missing or times are equal
-- source:     Lagrange interpolation

CREATE OR REPLACE MACRO central_acceleration(before, here, after, t_before, t_here, t_after) AS
    2 * ((after - here) / nullif(t_after - t_here, 0) - (here - before) / nullif(t_here - t_before, 0))
    / nullif(t_after - t_before, 0);
