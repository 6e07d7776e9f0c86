-- macro:      differs
-- what:       whether two measured values differ by more than their uncertainty
-- parameters: a, a_low, a_high: one value and its 95 % interval; b, b_low, b_high: the other value and its interval
-- unit:       true or false; NULL if an interval is missing
-- source:     the half-widths of independent intervals add as squares (JCGM 100:2008, Guide to the expression of
--             uncertainty)

CREATE OR REPLACE MACRO differs(a, a_low, a_high, b, b_low, b_high) AS
    abs(a - b) > sqrt(pow((a_high - a_low) / 2, 2) + pow((b_high - b_low) / 2, 2));
