-- macro:      signed_angle_deg
-- what:       the angle from the direction u to the direction v, counter-clockwise as seen in a picture (y down)
-- parameters: ux, uy, vx, vy: two directions in the plane, in any one unit
-- unit:       degrees, -180..180; NULL if a direction is zero
-- source:     convention of Sports2D 0.8 (-atan2(cross(u, v), dot(u, v)))

CREATE OR REPLACE MACRO signed_angle_deg(ux, uy, vx, vy) AS
    CASE WHEN (ux = 0 AND uy = 0) OR (vx = 0 AND vy = 0) THEN NULL ELSE
        degrees(-atan2(ux * vy - uy * vx, ux * vx + uy * vy))
    END;
