-- macro:      scaled_interval
-- what:       a length in the picture in meters with its 95 % interval: value, low and high, which unnest makes columns
-- parameters: length: in pixels (a speed: in pixels per second); half_width: half the width of its 95 % interval;
--             scale: the row of scales, or one with the same columns; lowest: what low cannot be less than, such as 0
--             (no limit if left out)
-- unit:       meters (meters per second); NULL if there is no scale
-- source:     JCGM 100:2008 (Guide to the expression of uncertainty in measurement): the half-widths of length and
--             scale add as squares. That of the scale is added last, because it is the same in every attempt and does
--             not average out

CREATE OR REPLACE MACRO scaled_interval(length, half_width, scale, lowest := NULL) AS {
    'value': length * scale.meters_per_px,
    'low': greatest(
        length * scale.meters_per_px - sqrt(
            pow(half_width * scale.meters_per_px, 2)
            + pow(length * (scale.meters_per_px_high - scale.meters_per_px_low) / 2, 2)
        ),
        lowest
    ),
    'high': length * scale.meters_per_px + sqrt(
        pow(half_width * scale.meters_per_px, 2)
        + pow(length * (scale.meters_per_px_high - scale.meters_per_px_low) / 2, 2)
    )
};
