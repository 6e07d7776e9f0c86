-- macro:      half_width
-- what:       half the width of the 95 % interval of a mean of n observations that vary and each carry noise
-- parameters: spread: standard deviation between observations (NULL if there is only one); noise: standard error of a
--             single observation; n: the number of observations; bias: the standard error that all observations share,
--             which does not average out (none if left out)
-- unit:       that of the observations
-- source:     JCGM 100:2008 (Guide to the expression of uncertainty in measurement), 1.96 standard errors

CREATE OR REPLACE MACRO half_width(spread, noise, n, bias := 0) AS
    1.96 * sqrt((pow(coalesce(spread, 0), 2) + pow(coalesce(noise, 0), 2)) / greatest(n, 1) + pow(coalesce(bias, 0), 2));
