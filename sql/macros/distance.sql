-- macro:      distance
-- what:       the distance between two points in the plane
-- parameters: ax, ay, bx, by: coordinates, in any one unit
-- unit:       that of the coordinates
-- source:     Pythagoras

CREATE OR REPLACE MACRO distance(ax, ay, bx, "by") AS sqrt((ax - bx) * (ax - bx) + (ay - "by") * (ay - "by"));
