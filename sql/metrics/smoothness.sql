-- metric: smoothness
-- what:   the smoothness of the movement of each wrist and of the center of mass: <point>_smoothness, the log
--         dimensionless jerk; values closer to zero are smoother
-- grain:  video_id, person_id, metric, side
-- unit:   none (natural logarithm)
-- needs:  kinematics
-- source: LDLJ-V of Balasubramanian, Melendez-Calderon, Roby-Brami, Burdet 2015, J NeuroEng Rehabil 12:112: -ln(T^3 /
--         peak speed^2 x integral of the squared second derivative of speed), over the longest uninterrupted time. 95
--         % interval from a jackknife that leaves out each quarter of that time, and from 0.4 between films of the same
--         movement (docs/MEASUREMENT.md)

WITH speeds AS (
    SELECT
        video_id,
        run_id,
        person_id,
        point,
        frame_idx,
        time_s,
        speed_px_s,
        frame_idx - row_number() OVER (PARTITION BY run_id, person_id, point ORDER BY frame_idx) AS stretch
    FROM kinematics
    WHERE point IN ('center_of_mass', 'left_wrist', 'right_wrist') AND speed_px_s IS NOT NULL
),

derived AS (
    SELECT
        *,
        central_acceleration(
            lag(speed_px_s) OVER series, speed_px_s, lead(speed_px_s) OVER series,
            lag(time_s) OVER series, time_s, lead(time_s) OVER series
        ) AS jerk,
        (lead(time_s) OVER series - lag(time_s) OVER series) / 2 AS step_s,
        ntile(4) OVER series AS quarter
    FROM speeds
    WINDOW series AS (PARTITION BY run_id, person_id, point, stretch ORDER BY frame_idx)
),

longest AS (
    SELECT run_id, person_id, point, stretch
    FROM speeds
    GROUP BY run_id, person_id, point, stretch
    HAVING count(*) >= 20
    QUALIFY row_number() OVER (PARTITION BY run_id, person_id, point ORDER BY count(*) DESC, stretch) = 1
),

scores AS (
    SELECT
        derived.video_id,
        derived.run_id,
        derived.person_id,
        derived.point,
        left_out.quarter AS left_out,
        -ln(
            pow(sum(step_s), 3) / nullif(pow(max(speed_px_s), 2), 0) * nullif(sum(jerk * jerk * step_s), 0)
        ) AS score,
        count(*) AS n
    FROM derived
    JOIN longest USING (run_id, person_id, point, stretch)
    JOIN range(5) AS left_out (quarter) ON left_out.quarter <> derived.quarter
    WHERE jerk IS NOT NULL
    GROUP BY ALL
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        point,
        max(score) FILTER (left_out = 0) AS value,
        max(n) FILTER (left_out = 0) AS n,
        1.96 * sqrt(
            0.75 * sum(pow(score, 2)) FILTER (left_out > 0) - 0.75 / 4 * pow(sum(score) FILTER (left_out > 0), 2)
            + pow(0.4, 2)
        ) AS half_width
    FROM scores
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    CASE WHEN point = 'center_of_mass' THEN point ELSE 'wrist' END || '_smoothness' AS metric,
    CASE point WHEN 'left_wrist' THEN 'left' WHEN 'right_wrist' THEN 'right' ELSE 'none' END AS side,
    value,
    value - half_width AS low,
    value + half_width AS high,
    '1' AS unit,
    n
FROM summary
WHERE value IS NOT NULL
