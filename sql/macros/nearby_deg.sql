-- macro:      nearby_deg
-- what:       the same direction as angle, written so that it is within half a turn of another: differences then need no wrapping
-- parameters: angle, other: in degrees
-- unit:       degrees
-- source:     definition

CREATE OR REPLACE MACRO nearby_deg(angle, other) AS angle - 360 * round((angle - other) / 360);
