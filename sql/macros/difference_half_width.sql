-- macro:      difference_half_width
-- what:       half the width of the 95 % interval of the difference of two measured values
-- parameters: a_low, a_high: the interval of one value; b_low, b_high: the interval of the other value
-- unit:       that of the values; NULL if an interval is missing
-- source:     the half-widths of independent intervals add as squares (JCGM 100:2008, Guide to the expression of
--             uncertainty)

CREATE OR REPLACE MACRO difference_half_width(a_low, a_high, b_low, b_high) AS
    sqrt(pow((a_high - a_low) / 2, 2) + pow((b_high - b_low) / 2, 2));
