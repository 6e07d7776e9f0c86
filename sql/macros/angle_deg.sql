-- macro:      angle_deg
-- what:       the angle at b between the directions to a and to c, in the plane
-- parameters: ax, ay, bx, by, cx, cy: coordinates of three points, in any one unit
-- unit:       degrees, 0..180; NULL if b coincides with a or c
-- source:     atan2 of cross and dot product, accurate also near 0 and 180 degrees (Kahan, How futile are mindless
--             assessments of roundoff)

CREATE OR REPLACE MACRO angle_deg(ax, ay, bx, "by", cx, cy) AS
    CASE WHEN (ax = bx AND ay = "by") OR (cx = bx AND cy = "by") THEN NULL ELSE
        degrees(atan2(
            abs((ax - bx) * (cy - "by") - (ay - "by") * (cx - bx)),
            (ax - bx) * (cx - bx) + (ay - "by") * (cy - "by")
        ))
    END;
