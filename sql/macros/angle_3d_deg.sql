-- macro:      angle_3d_deg
-- what:       the angle between the directions u and v in space
-- parameters: ux, uy, uz, vx, vy, vz: two directions, in any one unit
-- unit:       degrees, 0..180; NULL if a direction is zero
-- source:     atan2 of the length of the cross product and the dot product

CREATE OR REPLACE MACRO angle_3d_deg(ux, uy, uz, vx, vy, vz) AS
    CASE WHEN (ux = 0 AND uy = 0 AND uz = 0) OR (vx = 0 AND vy = 0 AND vz = 0) THEN NULL ELSE
        degrees(atan2(
            sqrt(
                (uy * vz - uz * vy) * (uy * vz - uz * vy)
                + (uz * vx - ux * vz) * (uz * vx - ux * vz)
                + (ux * vy - uy * vx) * (ux * vy - uy * vx)
            ),
            ux * vx + uy * vy + uz * vz
        ))
    END;
