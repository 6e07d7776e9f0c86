-- macro:      nearby_deg
-- what:       the direction of angle, shifted to within half a turn of other, so that differences need no wrapping
-- parameters: angle, other: in degrees
-- unit:       degrees
-- source:     definition

CREATE OR REPLACE MACRO nearby_deg(angle, other) AS angle - 360 * round((angle - other) / 360);
