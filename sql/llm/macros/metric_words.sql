-- macro:      metric_words
-- what:       the description of a metric in words without digits and underscores, so that a side fits in front: left
--             `knee range of motion in space`
-- parameters: metric: its name
-- unit:       text
-- source:     docs/METRICS.md; for a metric that is not listed, such as one of a user's own sport pack, the words are
--             its name

CREATE OR REPLACE TEMP MACRO metric_words(metric) AS coalesce(
    CASE metric
        WHEN 'coverage' THEN 'share of frames in which the person was found'
        WHEN 'center_of_mass_peak_speed' THEN 'peak speed of the center of mass'
        WHEN 'center_of_mass_mean_speed' THEN 'mean speed of the center of mass'
        WHEN 'center_of_mass_vertical_range' THEN 'vertical range of the center of mass'
        WHEN 'center_of_mass_smoothness' THEN 'smoothness of the center of mass'
        WHEN 'single_support_time' THEN 'stance time with the other leg in the air'
        WHEN 'double_support_time' THEN 'time on both feet in a stride'
        WHEN 'double_support_share' THEN 'share of the stride on both feet'
        WHEN 'stance_share' THEN 'share of the stride in stance'
        WHEN 'flight_time' THEN 'flight time of the steps'
        WHEN 'mid_swing_dorsiflexion' THEN 'ankle dorsiflexion in mid-swing'
        WHEN 'mid_swing_ankle_height_difference' THEN 'ankle height above the other ankle in mid-swing'
        WHEN 'swing_knee_flexion_peak' THEN 'knee peak flexion in swing'
        WHEN 'stance_hip_extension_peak' THEN 'hip peak extension in stance'
        WHEN 'stance_knee_flexion_peak' THEN 'knee peak flexion in stance'
        WHEN 'knee_flexion_at_contact' THEN 'knee flexion at foot contact'
        WHEN 'trunk_lean_mean' THEN 'mean trunk lean'
        WHEN 'trunk_lean_peak' THEN 'largest trunk lean'
        WHEN 'running_trunk_lean' THEN 'trunk lean in the run'
        WHEN 'foot_strike_angle' THEN 'foot angle with the floor at contact'
        WHEN 'vertical_oscillation' THEN 'vertical oscillation of the body'
        WHEN 'repetition_count' THEN 'number of repetitions'
        WHEN 'repetition_partial_count' THEN 'number of partial repetitions'
        WHEN 'repetition_tempo' THEN 'tempo of the repetitions'
        WHEN 'repetition_depth' THEN 'mean depth of the repetitions'
        WHEN 'repetition_duration' THEN 'mean duration of the repetitions'
        WHEN 'repetition_depth_variation' THEN 'variation of depth between repetitions'
        WHEN 'repetition_duration_variation' THEN 'variation of duration between repetitions'
        WHEN 'jump_flight_time' THEN 'flight time of the highest jump'
        WHEN 'jump_height_flight' THEN 'jump height by flight time'
        WHEN 'jump_height_rise' THEN 'jump height by the rise of the center of mass'
        WHEN 'jump_height_difference' THEN 'difference of the jump heights by flight time and by rise'
        WHEN 'jump_contact_time' THEN 'contact time between jumps'
        WHEN 'push_off_time' THEN 'push-off time before the jump'
        WHEN 'landing_knee_flexion' THEN 'knee flexion at the landing'
        WHEN 'landing_knee_flexion_peak' THEN 'knee peak flexion after the landing'
        WHEN 'landing_knee_separation' THEN 'knee separation at the landing'
        WHEN 'squat_count' THEN 'number of squats'
        WHEN 'squat_depth' THEN 'depth of the squats'
        WHEN 'squat_thigh_angle' THEN 'thigh angle below the horizontal at the bottom of the squats'
        WHEN 'squat_knee_flexion' THEN 'knee flexion at the bottom of the squats'
        WHEN 'squat_hip_flexion' THEN 'hip flexion at the bottom of the squats'
        WHEN 'squat_ankle_dorsiflexion' THEN 'ankle dorsiflexion at the bottom of the squats'
        WHEN 'squat_trunk_lean' THEN 'trunk lean at the bottom of the squats'
        WHEN 'squat_knee_difference' THEN 'knee flexion difference between the sides at the bottom of the squats'
        WHEN 'squat_knee_separation' THEN 'knee separation at the bottom of the squats'
        WHEN 'squat_descent_time' THEN 'descent time of the squats'
        WHEN 'squat_ascent_time' THEN 'ascent time of the squats'
        WHEN 'shot_elbow_flexion' THEN 'elbow flexion at the set point of the shot'
        WHEN 'shot_release_elbow_flexion' THEN 'elbow flexion at the release of the shot'
        WHEN 'shot_release_shoulder_flexion' THEN 'shoulder flexion at the release of the shot'
        WHEN 'shot_knee_flexion' THEN 'knee peak flexion in the shot'
        WHEN 'shot_release_height' THEN 'release height of the shot'
        WHEN 'shot_release_before_peak' THEN 'time from the release to the top of the jump'
        WHEN 'shot_lift_time' THEN 'lift time of the shot'
        WHEN 'shot_push_time' THEN 'push time of the shot'
        WHEN 'kick_foot_speed' THEN 'foot peak speed in the kick'
        WHEN 'kick_knee_flexion' THEN 'knee flexion of the cocked leg'
        WHEN 'kick_contact_knee_flexion' THEN 'knee flexion of the kicking leg at contact with the ball'
        WHEN 'kick_support_knee_flexion' THEN 'knee flexion of the supporting leg at contact with the ball'
        WHEN 'kick_trunk_lean' THEN 'trunk lean at contact with the ball'
        WHEN 'kick_knee_extension_velocity' THEN 'knee peak extension velocity in the kick'
        WHEN 'kick_hip_shoulder_separation' THEN 'turn of the upper body against the pelvis when the leg is cocked'
        WHEN 'kick_support_time' THEN 'support time of the kick'
        WHEN 'kick_leg_acceleration_time' THEN 'leg acceleration time of the kick'
        WHEN 'golf_backswing_time' THEN 'backswing time'
        WHEN 'golf_downswing_time' THEN 'downswing time'
        WHEN 'golf_tempo_ratio' THEN 'ratio of backswing time to downswing time'
        WHEN 'golf_lead_arm_flexion' THEN 'elbow flexion of the lead arm at the top of the backswing'
        WHEN 'golf_x_factor' THEN 'turn of the upper body against the pelvis at the top of the backswing'
        WHEN 'golf_head_sway' THEN 'head sway between address and impact'
        WHEN 'golf_hand_speed' THEN 'hand peak speed in the downswing'
        WHEN 'serve_knee_flexion' THEN 'knee flexion in the trophy position'
        WHEN 'serve_elbow_flexion' THEN 'elbow flexion in the trophy position'
        WHEN 'serve_impact_elbow_flexion' THEN 'elbow flexion at impact'
        WHEN 'serve_impact_height' THEN 'impact height of the serve'
        WHEN 'serve_hand_speed' THEN 'hand peak speed in the serve'
        WHEN 'serve_acceleration_time' THEN 'acceleration time of the serve'
    END,
    CASE
        WHEN regexp_matches(metric, '^serve_[a-z]+_peak_velocity$')
            THEN regexp_extract(metric, '^serve_([a-z]+)', 1) || ' peak turning speed in the serve'
        WHEN regexp_matches(metric, '^serve_[a-z]+_peak_before_impact$')
            THEN 'time from the ' || regexp_extract(metric, '^serve_([a-z]+)', 1) || ' peak turning speed to impact'
        WHEN metric LIKE 'ankle_peak_flexion%' THEN 'ankle peak dorsiflexion'
        WHEN regexp_matches(metric, '^(ankle|knee|hip|shoulder|elbow|wrist)_peak_velocity')
            THEN regexp_extract(metric, '^([a-z]+)', 1) || ' peak angular velocity'
        WHEN metric LIKE '%_peak_velocity_2d' THEN replace(replace(metric, '_peak_velocity_2d', ''), '_', ' ') || ' peak turning speed'
        ELSE trim(regexp_replace(replace(regexp_replace(metric, '_[23]d$', ''), '_', ' '), ' *[0-9]+ *', ' ', 'g'))
    END || CASE
        WHEN metric LIKE '%\_2d' ESCAPE '\' THEN ' in the picture plane'
        WHEN metric LIKE '%\_3d' ESCAPE '\' THEN ' in space'
        ELSE ''
    END
);

-- macro:      metric_joint
-- what:       the joint or segment of the body that is named in the words of a metric
-- parameters: metric: its name
-- unit:       text: ankle, knee, hip, shoulder, elbow, wrist, foot, shank, thigh, pelvis, trunk, head, arm, forearm,
--             hand; NULL if the words name none
-- source:     metric_words

CREATE OR REPLACE TEMP MACRO metric_joint(metric) AS CASE metric
    WHEN 'mid_swing_dorsiflexion' THEN 'ankle'
    WHEN 'golf_lead_arm_flexion' THEN 'elbow'
    WHEN 'kick_hip_shoulder_separation' THEN NULL
    ELSE nullif(regexp_extract(
        metric, '(?:^|_)(ankle|knee|hip|shoulder|elbow|wrist|foot|shank|thigh|pelvis|trunk|head|forearm|arm|hand)s?(?:_|$)', 1
    ), '')
END;

-- macro:      metric_phrase
-- what:       the words of a metric with its side in front: `left knee range of motion in space`, `cadence`
-- parameters: metric: its name; side: as in metrics
-- unit:       text
-- source:     metric_words

CREATE OR REPLACE TEMP MACRO metric_phrase(metric, side) AS
    CASE WHEN side IN ('left', 'right') THEN side || ' ' ELSE '' END || metric_words(metric);

-- macro:      metric_fact
-- what:       the value of a row of `metrics` as a fact; a count has no interval
-- parameters: the columns of the row
-- unit:       a STRUCT, as returned by fact
-- source:     fact, metric_words, metric_joint

CREATE OR REPLACE TEMP MACRO metric_fact(metric, side, value, low, high, unit, result_key) AS
    fact(value, CASE WHEN low < high THEN low END, CASE WHEN low < high THEN high END, unit, side, metric_words(metric), metric_joint(metric), 'metrics', result_key, 'value');
