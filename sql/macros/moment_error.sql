-- macro:      moment_error
-- what:       the standard error of a value at a moment: that of the value itself, and the change of the value within
--             half a frame, since the moment lies anywhere between two frames
-- parameters: error: standard error of the value; velocity: its change per second (NULL counts as none); fps: frames
--             per second
-- unit:       that of the value; NULL if error is missing
-- source:     JCGM 100:2008 (Guide to the expression of uncertainty in measurement): the standard deviation of a
--             uniform distribution is its width over sqrt(12)

CREATE OR REPLACE MACRO moment_error(error, velocity, fps) AS
    sqrt(pow(error, 2) + pow(coalesce(velocity, 0) / fps / sqrt(12), 2));
