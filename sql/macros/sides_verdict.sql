-- macro:      sides_verdict
-- what:       the verdict on a difference between left and right: differs, within_uncertainty if the difference could
--             be noise, or far_side if it is larger but one side is away from the camera and hidden
-- parameters: verdict: of verdict_of; far_side: the side of far_sides, or NULL
-- unit:       text
-- source:     the far side is an estimate, whose error the interval does not contain

CREATE OR REPLACE MACRO sides_verdict(verdict, far_side) AS
    CASE WHEN verdict = 'differs' AND far_side IS NOT NULL THEN 'far_side' ELSE verdict END;
