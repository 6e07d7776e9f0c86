-- macro:      is_vague
-- what:       whether the interval of a value says little: it reaches further than half of the value to either side
-- parameters: value; low, high: the ends of its 95 % interval
-- unit:       true or false; NULL if a parameter is missing
-- source:     convention of posekit

CREATE OR REPLACE MACRO is_vague(value, low, high) AS (high - low) / 2 > 0.5 * abs(value);
