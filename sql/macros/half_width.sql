-- macro:      half_width
-- what:       half the 95 % interval of a mean of n observations that differ among themselves and each carry noise
-- parameters: spread: standard deviation between observations (NULL for one); noise: standard error of a single one;
--             n: how many
-- unit:       that of the observations
-- source:     JCGM 100:2008 (Guide to the expression of uncertainty in measurement), 1.96 standard errors

CREATE OR REPLACE MACRO half_width(spread, noise, n) AS
    1.96 * sqrt((pow(coalesce(spread, 0), 2) + pow(coalesce(noise, 0), 2)) / greatest(n, 1));
