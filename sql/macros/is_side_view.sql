-- macro:      is_side_view
-- what:       whether the picture shows a person from the side, within 30 degrees: only then are angles in the plane
--             of the picture flexion
-- parameters: facing, yaw_deg: as in facings
-- unit:       true or false
-- source:     convention of posekit

CREATE OR REPLACE MACRO is_side_view(facing, yaw_deg) AS
    facing IN ('left', 'right') AND abs(abs(yaw_deg) - 90) <= 30;
