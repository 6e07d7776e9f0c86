-- macro:      central_acceleration
-- what:       second derivative at the middle of three samples whose times need not be even: that of the parabola
--             through them
-- parameters: before, here, after: values; t_before, t_here, t_after: their times in seconds
-- unit:       that of the values, a second squared; NULL if one of them is missing or times are equal
-- source:     Lagrange interpolation

CREATE OR REPLACE MACRO central_acceleration(before, here, after, t_before, t_here, t_after) AS
    2 * ((after - here) / nullif(t_after - t_here, 0) - (here - before) / nullif(t_here - t_before, 0))
    / nullif(t_after - t_before, 0);
