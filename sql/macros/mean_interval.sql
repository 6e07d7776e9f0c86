-- macro:      mean_interval
-- what:       the mean of a group of observations with its 95 % interval: value, low and high, which unnest makes
--             columns; needs a GROUP BY that names its columns
-- parameters: observed: a column of observations; noise: the standard error of each; lowest: what low cannot be less
--             than, such as 0 for a length (no limit if left out)
-- unit:       that of the observations
-- source:     half_width

CREATE OR REPLACE MACRO mean_interval(observed, noise, lowest := NULL) AS {
    'value': avg(observed),
    'low': greatest(avg(observed) - half_width(stddev_samp(observed), avg(noise), count(*)), lowest),
    'high': avg(observed) + half_width(stddev_samp(observed), avg(noise), count(*))
};
