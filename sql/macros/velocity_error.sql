-- macro:      velocity_error
-- what:       the standard error of a highest speed that is measured between the neighbors of a frame
-- parameters: error: standard error of one value; velocity: the speed; interval_s: the time between both neighbors
-- unit:       that of the velocity; NULL if the interval is missing
-- source:     measured: the same movements filmed otherwise (docs/MEASUREMENT.md). Errors of neighboring frames are
--             alike, so 0.4 of that of independent errors remain. The highest speed itself differs by a fifth from film
--             to film, because it depends on single frames of the fastest movement

CREATE OR REPLACE MACRO velocity_error(error, velocity, interval_s) AS
    sqrt(pow(0.4 * sqrt(2) * error / nullif(interval_s, 0), 2) + pow(0.2 * velocity, 2));
