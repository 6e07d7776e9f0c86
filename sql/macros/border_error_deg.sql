-- macro:      border_error_deg
-- what:       the standard error of an angle that is known up to whole periods: near the border of its range, it may as
--             well lie at the other border
-- parameters: error_deg: the standard error of its direction; angle_deg: the angle; center_deg, period_deg: the middle
--             and the length of its range
-- unit:       degrees, at most a quarter of the period
-- source:     definition

CREATE OR REPLACE MACRO border_error_deg(error_deg, angle_deg, center_deg, period_deg) AS
    CASE
        WHEN period_deg / 2 - abs(angle_deg - center_deg) < 1.96 * error_deg THEN period_deg / 4
        ELSE least(error_deg, period_deg / 4)
    END;
