-- macro:      verdict_of
-- what:       the verdict on the difference of two measured values: differs, or within_uncertainty if the difference
--             could be noise
-- parameters: a, a_low, a_high: one value and its 95 % interval; b, b_low, b_high: the other value and its interval
-- unit:       text; within_uncertainty if an interval is missing
-- source:     differs

CREATE OR REPLACE MACRO verdict_of(a, a_low, a_high, b, b_low, b_high) AS
    CASE WHEN differs(a, a_low, a_high, b, b_low, b_high) THEN 'differs' ELSE 'within_uncertainty' END;
