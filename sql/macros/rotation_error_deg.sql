-- macro:      rotation_error_deg
-- what:       the standard error of the angle between the lines p to q and r to s, from the errors of their ends. A
--             common vertex (p = r) moves both directions at once
-- parameters: p_error, q_error, r_error, s_error: standard errors of the points along each axis; ux, uy, uz: q - p; vx,
--             vy, vz: s - r, all in the same unit of length (z is 0 in the picture); has_common_vertex: whether p is r
-- unit:       degrees, at most 90; NULL if a line has no length
-- source:     JCGM 100:2008 (Guide to the expression of uncertainty in measurement), to first order

CREATE OR REPLACE MACRO rotation_error_deg(p_error, q_error, r_error, s_error, ux, uy, uz, vx, vy, vz, has_common_vertex) AS
    least(90, degrees(sqrt(greatest(
        (p_error * p_error + q_error * q_error) / nullif(ux * ux + uy * uy + uz * uz, 0)
        + (r_error * r_error + s_error * s_error) / nullif(vx * vx + vy * vy + vz * vz, 0)
        - CASE WHEN has_common_vertex
            THEN 2 * p_error * p_error * (ux * vx + uy * vy + uz * vz)
                / nullif((ux * ux + uy * uy + uz * uz) * (vx * vx + vy * vy + vz * vz), 0)
            ELSE 0
        END,
        0
    ))));
