-- macro:      limb_of
-- what:       the limb that a metric of one side belongs to
-- parameters: metric: as in metrics
-- unit:       text: arm or leg; metrics that name no part of an arm, such as step_length, belong to the leg
-- source:     convention of posekit

CREATE OR REPLACE MACRO limb_of(metric) AS
    CASE WHEN regexp_matches(metric, '(^|_)(shoulder|elbow|wrist|arm|forearm|hand)(_|$)') THEN 'arm' ELSE 'leg' END;
