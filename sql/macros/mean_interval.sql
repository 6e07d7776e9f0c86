-- macro:      mean_interval
-- what:       the mean of a group of observations with its 95 % interval: value, low and high, which unnest makes
--             columns; needs a GROUP BY that names its columns
-- parameters: observed: a column of observations; noise: the standard error of each; lowest: what low cannot be less
--             than, such as 0 for a length (no limit if left out); bias: the standard error that all observations
--             share, which does not average out (none if left out)
-- unit:       that of the observations
-- source:     half_width

CREATE OR REPLACE MACRO mean_interval(observed, noise, lowest := NULL, bias := 0) AS {
    'value': avg(observed),
    'low': greatest(avg(observed) - half_width(stddev_samp(observed), avg(noise), count(*), bias := avg(bias)), lowest),
    'high': avg(observed) + half_width(stddev_samp(observed), avg(noise), count(*), bias := avg(bias))
};
