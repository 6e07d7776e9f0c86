-- macro:      differs
-- what:       whether two measured values differ by more than their uncertainty
-- parameters: a, a_low, a_high: one value and its 95 % interval; b, b_low, b_high: the other value and its interval
-- unit:       true or false; NULL if an interval is missing
-- source:     difference_half_width

CREATE OR REPLACE MACRO differs(a, a_low, a_high, b, b_low, b_high) AS
    abs(a - b) > difference_half_width(a_low, a_high, b_low, b_high);
