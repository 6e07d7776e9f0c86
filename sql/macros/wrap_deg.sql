-- macro:      wrap_deg
-- what:       the same angle, wrapped to within half a period of a center: in (center - period / 2, center + period /
--             2]
-- parameters: angle in degrees; center in degrees; period: 360, or 180 for lines without direction
-- unit:       degrees
-- source:     definition

CREATE OR REPLACE MACRO wrap_deg(angle, center, period) AS
    angle - period * ceil((angle - center) / period - 0.5);
